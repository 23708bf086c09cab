import type { BusRecord } from '@throughline/platform/bus/bus';
import type { Sql } from '@throughline/platform/persistence/sql';
import type { KeyResolver } from '@throughline/platform/runner/key-resolver';
import type { Accepted } from '../../application/ports.js';
import { planned } from '@throughline/platform/persistence/planned';
import { identifierId, inOrder, resolve, type KnownIdentifier, type Resolution } from '../../domain/identity.js';

/** Every number of everybody whom one of these numbers names. */
const NAMED = `
  select id, patient_id as "patientId", kind, authority, value from identifier
  where patient_id in (select patient_id from identifier where id = any($1::uuid[]))`;

const KEPT = 5_000;

/**
 * Says whose an inbound message is, before its stream can be locked. A batch is resolved in its order, what earlier messages
 * teach included, so that two of them about one new person agree. The answer is kept for the decision that follows.
 */
export class IdentityResolver implements KeyResolver {
  readonly #resolved = new Map<string, Resolution>();

  /** @param namespace UUID made from the installation's secret */
  constructor(private readonly namespace: string) {}

  /** @throws when nobody asked for its key before: the runner always does, in the same transaction */
  resolutionOf(inboundId: string): Resolution {
    const found = this.#resolved.get(inboundId);
    if (!found) throw new Error('The message was not resolved before it is decided');
    return found;
  }

  async keysOf(records: readonly BusRecord[], sql: Sql): Promise<readonly (readonly string[] | null)[]> {
    const messages = records.map((record) => acceptedOf(record));
    const ids = [...new Set(messages.flatMap((one) => one.said.patient.identifiers.map(identifierId)))];
    const rows = await planned<KnownIdentifier>(sql, NAMED, [ids]);
    const known = new Map(rows.map((row) => [row.id, row]));
    const numbers = new Map<string, KnownIdentifier[]>();
    for (const row of rows) this.#note(numbers, row);
    return messages.map((message) => {
      const resolution = resolve(this.namespace, message.said.patient.identifiers, known, (patientId) => numbers.get(patientId) ?? []);
      for (const one of inOrder(resolution.learned)) {
        const row: KnownIdentifier = { id: identifierId(one), patientId: resolution.patientId, kind: one.kind, authority: one.authority, value: one.value };
        known.set(row.id, row);
        this.#note(numbers, row);
      }
      this.#keep(message.inboundId, resolution);
      return [resolution.patientId];
    });
  }

  #note(numbers: Map<string, KnownIdentifier[]>, row: KnownIdentifier): void {
    if (row.kind !== 'record-number') return;
    const list = numbers.get(row.patientId);
    if (list) list.push(row);
    else numbers.set(row.patientId, [row]);
  }

  /** Bounded: a message that is parked is never asked for. */
  #keep(inboundId: string, resolution: Resolution): void {
    this.#resolved.delete(inboundId);
    this.#resolved.set(inboundId, resolution);
    if (this.#resolved.size > KEPT) this.#resolved.delete(this.#resolved.keys().next().value!);
  }
}

/** The record's value is written by `inbound-log.ts`. */
export const acceptedOf = (record: BusRecord): Accepted => JSON.parse(record.value ?? 'null') as Accepted;
