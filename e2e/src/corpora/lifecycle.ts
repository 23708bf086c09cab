import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { System, throughline } from '@throughline/testing/system';
import { eventCount } from './events.js';
import { everything, ledgerOf } from './ledger.js';

/** What has to be left at the end (`LIFECYCLE.md` beside the messages). */
export const OPEN_FOLLOW_UPS = 54;
const BY_PATHWAY: Readonly<Record<string, number>> = {
  LcAddPerson: 6, LcCancelDischarge: 5, LcMerge: 4, LcOtherSender: 6, LcOutOfOrder: 8, LcPendingDischarge: 5, LcPlain: 5, LcReadmission: 5, LcRegistration: 5, LcTransferInError: 5,
};
const SHUFFLED_WITHIN_MS = 10 * 60_000;

interface Episode {
  readonly id: string;
  readonly patientId: string;
  readonly patient?: { readonly id: string; readonly name: string | null };
}
interface Row {
  readonly patient: { readonly id: string; readonly name: string | null };
}
interface Person {
  readonly id: string;
  readonly records: readonly { readonly id: string; readonly goesBy: string }[];
}

export interface LifecycleResult {
  readonly order: string;
  readonly open: number;
  readonly byPathway: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

const counted = (values: readonly string[]): Record<string, number> =>
  Object.fromEntries(Object.entries(Object.groupBy(values, (value) => value)).map(([value, some = []]): [string, number] => [value, some.length]).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The given name is the pathway's, in a merge with `Parent` or `Child` behind it. */
const pathwayOf = (name: string | null): string => /\bLc[A-Za-z]+/.exec(name ?? '')?.[0].replace(/(Parent|Child)$/, '') ?? '?';

const sentAt = (message: Buffer): number => {
  const [, year, month, day, hour, minute, second] = /^MSH\|(?:[^|]*\|){5}(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(message.toString('latin1')) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
};

/** The same numbers every time. */
const random = (seed: number): (() => number) => {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
};

/** As a queue of several senders would deliver them: nobody more than ten minutes late. */
export const shuffled = (messages: readonly Buffer[], seed: number): readonly Buffer[] => {
  const next = random(seed);
  return messages.map((message, at) => ({ message, at, when: sentAt(message) + next() * SHUFFLED_WITHIN_MS })).sort((a, b) => a.when - b.when || a.at - b.at).map(({ message }) => message);
};

const endState = async (system: System): Promise<Pick<LifecycleResult, 'open' | 'byPathway' | 'faults'>> => {
  const episodes = await everything<Episode>(system, '/api/care-plan/episodes?status=open&kind=transition', 'coordinator', 'cursor');
  const tasks = await everything<Row>(system, '/api/care-plan/tasks?status=open', 'coordinator', 'cursor');
  const persons = new Map<string, Person>();
  for (const id of new Set([...tasks.map(({ patient }) => patient.id), ...episodes.map(({ patientId }) => patientId)])) persons.set(id, await system.get<Person>(`/api/intake/patients/${id}`));
  const names = new Map(tasks.map(({ patient }) => [patient.id, patient.name]));
  const retired = tasks.filter(({ patient }) => persons.get(patient.id)?.id !== patient.id).length;
  const byPathway = counted(episodes.map(({ patientId }) => pathwayOf(names.get(persons.get(patientId)!.id) ?? null)));
  const differing = [...new Set([...Object.keys(BY_PATHWAY), ...Object.keys(byPathway)])].filter((name) => BY_PATHWAY[name] !== byPathway[name]);
  return {
    open: episodes.length,
    byPathway,
    faults: [
      ...(episodes.length === OPEN_FOLLOW_UPS ? [] : [`${episodes.length} open follow-ups instead of ${OPEN_FOLLOW_UPS}`]),
      ...differing.map((name) => `${name}: ${byPathway[name] ?? 0} open instead of ${BY_PATHWAY[name] ?? 0}`),
      ...(retired === 0 ? [] : [`${retired} open tasks read under an identifier that was taken over`]),
    ],
  };
};

const send = async (system: System, folder: string, messages: readonly Buffer[]): Promise<readonly string[]> => {
  const stream = join(folder, 'stream.hl7s');
  writeFileSync(stream, Buffer.concat(messages.flatMap((message) => [message, Buffer.from('\r\n\r\n')])));
  const sent = await throughline(['send', '--host', '127.0.0.1', '--port', String(system.mllpPort), '--connections', '1', stream]);
  const check = await throughline(['check', '--home', system.home, '--settle', '120']);
  return [...(sent.code === 0 ? [] : [`send: ${sent.last}`]), ...(check.code === 0 ? [] : [`check: ${check.last}`])];
};

/** The whole stream into a fresh system in this order, then all of it again. */
export const lifecycleRun = async (messages: readonly Buffer[], order: string): Promise<readonly LifecycleResult[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-lifecycle-'));
  const system = await System.start('embedded');
  const look = async (name: string, more: readonly string[]): Promise<LifecycleResult> => {
    const { open, byPathway, faults } = await endState(system);
    const outcomes = counted((await ledgerOf(system)).map(({ outcome, reason }) => (reason ? `${outcome} (${reason})` : outcome)));
    return { order: name, open, byPathway, outcomes, faults: [...more, ...faults] };
  };
  try {
    const first = await look(order, await send(system, folder, messages));
    const before = await eventCount(system);
    const replayed = await send(system, folder, messages);
    const added = (await eventCount(system)) - before;
    return [first, await look(`${order}, all of it again`, [...replayed, ...(added === 0 ? [] : [`the replay added ${added} events`])])];
  } finally {
    await system.discard();
    rmSync(folder, { recursive: true, force: true });
  }
};
