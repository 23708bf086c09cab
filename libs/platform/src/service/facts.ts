import type { Publishes } from '@throughline/contracts/flow';
import type { Service } from '@throughline/contracts/define-event';
import type { EntityClass, PatientRow } from '../persistence/sql.js';

type Stated<S extends Service> = Publishes<S> & { readonly correlationId?: string };

/** Rows of one kind, and the event that states such a row as it is now. */
export interface FactSource<S extends Service> {
  readonly entity: EntityClass<PatientRow>;
  /** Every type that `stated` may answer. */
  readonly types: readonly Publishes<S>['type'][];
  /** At the row's version; undefined where nothing was published of it yet. */
  readonly stated: (row: never) => Stated<S> | undefined;
}

/** `factsIn<'scheduling', FollowUpRow>(FollowUpRow, [...types], (row) => ({ type, data }))` */
export const factsIn = <S extends Service, Row extends PatientRow>(
  entity: EntityClass<Row>,
  types: readonly Publishes<S>['type'][],
  stated: (row: Row) => Stated<S> | undefined,
): FactSource<S> => ({ entity, types, stated });
