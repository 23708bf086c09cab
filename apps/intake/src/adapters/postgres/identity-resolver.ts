import type { BusRecord } from '@throughline/platform/bus/bus';
import type { Sql } from '@throughline/platform/persistence/sql';
import type { KeyResolver } from '@throughline/platform/runner/key-resolver';
import type { Accepted, Resolved, ResolvedMerge } from '../../application/ports.js';
import { planned } from '@throughline/platform/persistence/planned';
import { identifierId, inOrder, patientOfMessage, resolve, type KnownIdentifier, type Resolution } from '../../domain/identity.js';
import { sameFact } from '../../domain/kept.js';
import type { Identifier, Said } from '../../domain/said.js';

/** Every number of everybody whom one of these numbers names. */
const NAMED = `
  select i.id, i.patient_id as "patientId", i.kind, i.authority, i.value, coalesce(a.survivor_id, i.patient_id) as "personId"
  from identifier i left join patient_alias a on a.patient_id = i.patient_id
  where i.patient_id in (select patient_id from identifier where id = any($1::uuid[]))`;

/** Every number that the message says something of. */
const numbersIn = (said: Said): readonly Identifier[] => [
  ...said.patient.identifiers,
  ...(said.what === 'bundle' ? said.parts.flatMap(numbersIn) : []),
  ...(said.what === 'merge' ? said.merges.flatMap(({ into, retired }) => [...into.identifiers, ...retired]) : []),
  ...(said.what === 'move-stay' ? said.from : []),
];

const keysIn = ({ patientId, merges = [], from, parts = [] }: Resolved): readonly string[] => [
  ...new Set([patientId, ...parts.flatMap(keysIn), ...merges.flatMap(({ into, retired }) => [into.patientId, ...retired.map((one) => one.patientId)]), ...(from ? [from.patientId] : [])]),
];

const KEPT = 5_000;

/**
 * Says whose an inbound message is, before its stream can be locked. A batch is resolved in its order, what earlier messages
 * teach included, so that two of them about one new person agree. The answer is kept for the decision that follows.
 */
export class IdentityResolver implements KeyResolver {
  readonly #resolved = new Map<string, Resolved>();

  /** @param namespace UUID made from the installation's secret */
  constructor(private readonly namespace: string) {}

  /** @throws when nobody asked for its key before: the runner always does, in the same transaction */
  resolutionOf(inboundId: string): Resolved {
    const found = this.#resolved.get(inboundId);
    if (!found) throw new Error('The message was not resolved before it is decided');
    return found;
  }

  async keysOf(records: readonly BusRecord[], sql: Sql): Promise<readonly (readonly string[] | null)[]> {
    const messages = records.map((record) => acceptedOf(record));
    const ids = [...new Set(messages.flatMap(({ said }) => numbersIn(said).map(identifierId)))];
    const rows = await planned<KnownIdentifier>(sql, NAMED, [ids]);
    const known = new Map(rows.map((row) => [row.id, row]));
    const numbers = new Map<string, KnownIdentifier[]>();
    for (const row of rows) this.#note(numbers, row);
    const who = (identifiers: readonly Identifier[]): Resolution => {
      const resolution = resolve(this.namespace, identifiers, known, (patientId) => numbers.get(patientId) ?? []);
      for (const one of inOrder(resolution.learned)) {
        const row: KnownIdentifier = { id: identifierId(one), patientId: resolution.patientId, kind: one.kind, authority: one.authority, value: one.value };
        known.set(row.id, row);
        this.#note(numbers, row);
      }
      return resolution;
    };
    return messages.map((message) => {
      const resolved = this.#whoAll(message.said, message.inboundId, who);
      this.#keep(message.inboundId, resolved);
      return keysIn(resolved);
    });
  }

  /** A number that two records are known by, or that is in both lists, retires nobody. */
  #whoAll(said: Said, by: string, find: (identifiers: readonly Identifier[]) => Resolution): Resolved {
    const who = (identifiers: readonly Identifier[]): Resolution =>
      identifiers.length === 0 ? { patientId: patientOfMessage(this.namespace, by), learned: [], flags: [] } : find(identifiers);
    if (said.what === 'bundle') {
      // Somebody without a number is told from somebody else without one by what is said of them.
      const nameless = said.parts.map(({ patient }) => patient).filter(({ identifiers }) => identifiers.length === 0);
      const nameOf = ({ patient }: Said): string => (patient.identifiers.length > 0 ? by : `${by}.${nameless.findIndex((one) => sameFact(one, patient))}`);
      const parts = said.parts.map((part) => this.#whoAll(part, nameOf(part), find));
      return { ...(parts[0] ?? who(said.patient.identifiers)), parts };
    }
    if (said.what === 'move-stay') return { ...who(said.patient.identifiers), ...(said.from.length > 0 ? { from: who(said.from) } : {}) };
    if (said.what !== 'merge') return who(said.patient.identifiers);
    const merges = said.merges.map(({ into, retired }): ResolvedMerge => {
      const stands = who(into.identifiers);
      const own = new Set(into.identifiers.map(identifierId));
      const others = retired.filter((one) => !own.has(identifierId(one))).map((one) => who([one]));
      return { into: stands, retired: [...new Map(others.map((one) => [one.patientId, one])).values()].filter(({ patientId }) => patientId !== stands.patientId) };
    });
    const first = merges[0]!.into;
    return { ...first, flags: merges.flatMap(({ into }) => into.flags), merges };
  }

  #note(numbers: Map<string, KnownIdentifier[]>, row: KnownIdentifier): void {
    if (row.kind !== 'record-number') return;
    const list = numbers.get(row.patientId);
    if (list) list.push(row);
    else numbers.set(row.patientId, [row]);
  }

  /** Bounded: a message that is parked is never asked for. */
  #keep(inboundId: string, resolution: Resolved): void {
    this.#resolved.delete(inboundId);
    this.#resolved.set(inboundId, resolution);
    if (this.#resolved.size > KEPT) this.#resolved.delete(this.#resolved.keys().next().value!);
  }
}

/** The record's value is written by `inbound-log.ts`. */
export const acceptedOf = (record: BusRecord): Accepted => JSON.parse(record.value ?? 'null') as Accepted;
