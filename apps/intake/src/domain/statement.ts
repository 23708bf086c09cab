import type { Publishes } from '@throughline/contracts/flow';
import type { AllergyData, AppointmentData, ConditionData, CoverageData, ReferralData, TestOrderData, TestResultData } from '@throughline/contracts/statement-events';
import { idOf } from '@throughline/kernel/ids';
import type * as z from 'zod';
import { stayNamed, type StayNamed } from './find-stay.js';
import { compareStamps, present, type Stamp } from './kept.js';
import type { Person } from './person.js';

/** What a source states of a patient beside stays, medicines and documents: each kind an event of its own. */
interface Kinds {
  readonly 'test-order': z.infer<typeof TestOrderData>;
  readonly 'test-result': z.infer<typeof TestResultData>;
  readonly condition: z.infer<typeof ConditionData>;
  readonly allergy: z.infer<typeof AllergyData>;
  readonly appointment: z.infer<typeof AppointmentData>;
  readonly coverage: z.infer<typeof CoverageData>;
  readonly referral: z.infer<typeof ReferralData>;
}
export type StatementKind = keyof Kinds;

interface IdField {
  readonly 'test-order': 'testOrderId';
  readonly 'test-result': 'testResultId';
  readonly condition: 'conditionId';
  readonly allergy: 'allergyId';
  readonly appointment: 'appointmentId';
  readonly coverage: 'coverageId';
  readonly referral: 'referralId';
}

type Frame = 'patientId' | 'version' | 'encounterId' | 'source' | 'number' | 'withdrawn';
/** The fields of the kind's own. */
export type FieldsOf<K extends StatementKind> = Omit<Kinds[K], Frame | IdField[K]>;

interface Named {
  /** The number that its source gave it; absent: the message names it. */
  readonly number?: string;
  /** 2, 3, ...: among the statements of one kind in one message that bear the same number, or none. */
  readonly place?: number;
  /** Its source took it back. */
  readonly withdrawn?: true;
  /** The stay it is about, where it is not the message's. */
  readonly stay?: StayNamed;
}

export type StatementSaid = { readonly [K in StatementKind]: Named & { readonly kind: K; readonly says: FieldsOf<K> } }[StatementKind];

/** What a statement says as it was last published: the event's data without its version. */
export type StatementFacts = { readonly [K in StatementKind]: Omit<Kinds[K], 'version'> }[StatementKind];

export interface StatementState {
  readonly statementId: string;
  readonly patientId: string;
  readonly version: number;
  readonly source: string;
  /** The stay it is about, as the message names it. */
  readonly stay?: StayNamed | undefined;
  readonly said: StatementSaid;
  readonly stamp: Stamp;
  readonly published?: StatementFacts | undefined;
}

const EVENTS = {
  'test-order': { type: 'care.test.ordered.v1', id: 'testOrderId' },
  'test-result': { type: 'care.test.resulted.v1', id: 'testResultId' },
  condition: { type: 'care.condition.stated.v1', id: 'conditionId' },
  allergy: { type: 'care.allergy.stated.v1', id: 'allergyId' },
  appointment: { type: 'care.appointment.stated.v1', id: 'appointmentId' },
  coverage: { type: 'care.coverage.stated.v1', id: 'coverageId' },
  referral: { type: 'care.patient.referred.v1', id: 'referralId' },
} as const satisfies { readonly [K in StatementKind]: { readonly type: string; readonly id: IdField[K] } };

export type StatementType = (typeof EVENTS)[StatementKind]['type'];
const KINDS = Object.keys(EVENTS) as StatementKind[];
type StatementEvent = Extract<Publishes<'intake'>, { readonly type: StatementType }>;
export const STATEMENT_TYPES: readonly StatementType[] = KINDS.map((kind) => EVENTS[kind].type);
const kindOf = (type: StatementType): StatementKind => KINDS.find((kind) => EVENTS[kind].type === type)!;

/** A statement is named by its source, kind and number, else by the message that brought it; and by its place where that brings several. */
export const statementId = (patientId: string, source: string, { kind, number, place }: StatementSaid, by: string): string =>
  idOf('statement', patientId, source, kind, ...(number === undefined ? ['message', by] : ['number', number]), ...(place === undefined ? [] : [place]));

/** A word on an order that does not say what was ordered (a cancel by its number) does not make it an order of nothing. */
const withCode = (newer: StatementSaid, older: StatementSaid): StatementSaid => {
  const [now, before] = [newer.says, older.says] as readonly { readonly code?: object }[];
  const silent = now!.code !== undefined && Object.keys(now!.code).length === 0 && before!.code !== undefined;
  return silent ? ({ ...newer, says: { ...now, code: before!.code } } as StatementSaid) : newer;
};

/** The latest word of a source wins, by its own time. */
export const hearStatement = (known: StatementState | undefined, next: StatementState): StatementState => {
  if (!known) return next;
  const [newer, older] = compareStamps(known.stamp, next.stamp) <= 0 ? [next, known] : [known, next];
  return { ...newer, said: withCode(newer.said, older.said), version: known.version, published: known.published, stay: newer.stay ?? known.stay ?? next.stay };
};

export const statementFacts = ({ statementId: id, patientId, source, said, stay, stamp }: StatementState, person: Person): StatementFacts =>
  present({
    ...present(said.says),
    patientId,
    [EVENTS[said.kind].id]: id,
    encounterId: stayNamed(person.encounters, person.patient.patientId, stay, stamp.at),
    source,
    number: said.number,
    withdrawn: said.withdrawn ?? false,
  }) as StatementFacts;

export const statementEvent = (kind: StatementKind, data: StatementFacts & { readonly version: number }): StatementEvent => ({ type: EVENTS[kind].type, data }) as StatementEvent;

/** After the database was put back to an older copy: the fact is known as it was published. */
export const restoreStatement = (known: StatementState | undefined, { type, data }: StatementEvent, stamp: Stamp): StatementState => {
  const kind = kindOf(type);
  const { version, ...published } = data;
  const { patientId, encounterId: _stay, source, number, withdrawn, ...rest } = published;
  const { [EVENTS[kind].id]: id, ...says } = rest as typeof rest & Record<string, unknown>;
  const said = { kind, ...(number === undefined ? {} : { number }), ...(withdrawn ? { withdrawn: true } : {}), says } as unknown as StatementSaid;
  return { ...(known?.stay ? { stay: known.stay } : {}), statementId: id as string, patientId, version, source, said, stamp, published };
};
