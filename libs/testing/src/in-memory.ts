import type { Service } from '@throughline/contracts/define-event';
import { routeOf, type ConsumedBy, type Consumes, type EventOf } from '@throughline/contracts/flow';
import type { Kept } from '@throughline/kernel/kept';

type Heard<S extends Service> = EventOf<ConsumedBy<S>>;

/** A service's handlers without the runner, but with its version check: an older or equal version of a subject is not handled. */
export const hearing = <S extends Service, Tx>(consumes: Consumes<S, Tx>, txOf: (event: Heard<S>) => Tx) => {
  const applied = new Map<string, number>();
  /** `guarded: false` takes the check out, to show what it is for. */
  return async (event: Heard<S>, { guarded = true } = {}): Promise<void> => {
    const subject = `${routeOf(event.type)!.from} ${event.subject}`;
    const { version } = event.data;
    if (guarded && version <= (applied.get(subject) ?? 0)) return;
    applied.set(subject, version);
    const handler = consumes[event.type] as (event: Heard<S>, tx: Tx) => Promise<void>;
    await handler(event, txOf(event));
  };
};

/** `Kept` over memory. `samePerson` says which ids name one person; without it every id is somebody else. */
export const keptInMemory = <Value extends { readonly id: string; readonly patientId: string }>(samePerson: (a: string, b: string) => boolean = (a, b) => a === b) => {
  const values = new Map<string, Value>();
  const port: Kept<Value> = {
    of: async (patientId) => [...values.values()].filter((value) => samePerson(value.patientId, patientId)),
    get: async (patientId, id) => {
      const value = values.get(id);
      return value && samePerson(value.patientId, patientId) ? value : undefined;
    },
    put: (value) => void values.set(value.id, value),
  };
  /** Everybody's, in the order of their ids. */
  const all = (): Value[] => [...values.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { port, all };
};
