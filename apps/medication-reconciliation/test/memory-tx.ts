import { consumedBy, routeOf, type EventOf, type EventType, type Publishes } from '@throughline/contracts/flow';
import { consumes } from '../src/adapters/events/consumes.js';
import type { Kept, PatientFact, Tx } from '../src/application/ports.js';
import type { MedicationLine } from '../src/domain/medication-line.js';
import type { Reconciliation } from '../src/domain/reconciliation.js';

const NOW = '2026-03-02T15:00:00.000Z';

/** One person's rows in memory, filed under any of the person's ids. */
const kept = <Value>(idOf: (value: Value) => string) => {
  const values = new Map<string, Value>();
  const port: Kept<Value> = {
    of: async () => [...values.values()],
    get: async (_patient, id) => values.get(id),
    put: (value) => void values.set(idOf(value), value),
  };
  return { values, port };
};

/** The service's handlers over memory, with the platform's version check in front of them. */
export const inMemory = () => {
  const patients = kept<PatientFact>((it) => it.patientId);
  const lines = kept<MedicationLine>((it) => it.id);
  const reconciliations = kept<Reconciliation>((it) => it.id);
  const published: Publishes<'medication-reconciliation'>[] = [];
  const applied = new Map<string, number>();
  const tx: Tx = { now: NOW, patients: patients.port, lines: lines.port, reconciliations: reconciliations.port, publish: (...events) => void published.push(...events) };
  const handle = async <T extends EventType>(type: T, data: EventOf<T>['data']): Promise<void> => {
    if (!consumedBy('medication-reconciliation').includes(type)) throw new Error(`${type} is not routed here`);
    const subject = routeOf(type)!.event.subject(data);
    if ((applied.get(subject) ?? 0) >= data.version) return;
    applied.set(subject, data.version);
    const handler = (consumes as unknown as Record<string, (event: unknown, tx: Tx) => Promise<void>>)[type]!;
    await handler({ id: `${type}-${subject}-${data.version}`, type, subject, time: NOW, correlationId: 'c1', data }, tx);
  };
  return { tx, handle, published, reconciliations: reconciliations.values, lines: lines.values, patients: patients.values };
};
