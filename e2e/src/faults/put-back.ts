import type { Service } from '@throughline/contracts/define-event';
import { eventually, throughline, type Role, type System } from '@throughline/testing/system';
import { fiveOpen, states, Stay, type TaskRow } from '../stories/ward.js';
import type { Bench, Fault } from './fault.js';
import { keepCopy, putBack } from './older-copy.js';
import { PersistentMllp } from './retried-senders.js';
import { end, instanceOf, restart } from './strikes.js';
import { saysSo } from './topics-lost.js';

interface Versioned {
  readonly id: string;
  readonly version: number;
}
interface FollowUp extends Versioned {
  readonly window: { readonly from: string };
}

const change = async (system: System, as: Role, path: string, body: object, version?: number): Promise<void> => {
  const { status, body: said } = await system.call('POST', path, { as, body, headers: { 'idempotency-key': `${version ?? ''}-${path}-${JSON.stringify(body)}`.replace(/[^\x21-\x7e]/g, '').slice(0, 200), ...(version === undefined ? {} : { 'if-match': `"${version}"` }) } });
  if (status >= 300) throw new Error(`POST ${path} was answered ${status}: ${JSON.stringify(said)}`);
};

/** A patient on whose tasks people have done what people do, after the copy was taken. */
class Worked {
  private constructor(
    private readonly system: System,
    readonly stay: Stay,
  ) {}

  static async through(system: System, mllp: PersistentMllp): Promise<Worked> {
    const stay = new Stay(system, 2);
    await mllp.send(stay.message('A01'));
    await mllp.send(stay.message('A03'));
    const worked = new Worked(system, stay);
    await worked.#byPeople();
    return worked;
  }

  async #step(stepId: string): Promise<TaskRow> {
    return (await this.stay.tasks()).find((task) => task.stepId === stepId)!;
  }

  async #byPeople(): Promise<void> {
    const { stay, system } = this;
    await stay.tasksWhen('five tasks to work on', fiveOpen);
    const [episode] = await stay.of<Versioned>('/api/care-plan/episodes?kind=transition&status=open');
    await change(system, 'coordinator', `/api/care-plan/episodes/${episode!.id}/risk`, { risk: 'high' }, episode!.version);
    const visit = await this.#step('visit');
    await change(system, 'nurse', `/api/care-plan/tasks/${visit.id}/claim`, {}, visit.version);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await change(system, 'nurse', `/api/care-plan/tasks/${visit.id}/snooze`, { until, reason: 'waiting-for-documents', note: 'synthetic' }, (await this.#step('visit')).version);
    const summary = await this.#step('obtain-summary');
    await change(system, 'coordinator', `/api/care-plan/tasks/${summary.id}/complete`, { outcome: summary.outcomes[0]!.code, note: 'synthetic' }, summary.version);
    await change(system, 'nurse', '/api/care-plan/contacts', { patientId: await stay.patientId(), at: new Date().toISOString(), mode: 'telephone', with: 'patient', outcome: 'reached', note: 'synthetic' });
    const [reconciliation] = await eventually('a reconciliation', async () => ofSome(await stay.of<Versioned>('/api/medication-reconciliation/reconciliations')));
    await change(system, 'pharmacist', `/api/medication-reconciliation/reconciliations/${reconciliation!.id}/complete`, {}, reconciliation!.version);
    // The risk moves the window, and with it the request's version.
    await eventually('the visit booked', async () => {
      const [followUp] = await stay.of<FollowUp>('/api/scheduling/follow-ups');
      await change(system, 'coordinator', `/api/scheduling/follow-ups/${followUp!.id}/book`, { at: `${followUp!.window.from}T16:00:00Z`, mode: 'in-person' }, followUp!.version);
      return true;
    });
    await stay.tasksWhen('all but the visit done', (tasks) => tasks.filter((task) => task.status === 'completed').length === 4 && states(tasks)['visit'] === 'open');
  }

  /** All that people see of it, whoever keeps it. */
  async seen(): Promise<Readonly<Record<string, unknown>>> {
    const { stay } = this;
    return {
      tasks: [...(await stay.tasks())].sort((a, b) => (a.id < b.id ? -1 : 1)),
      episodes: await stay.episodes(),
      reconciliations: await stay.of('/api/medication-reconciliation/reconciliations'),
      followUps: await stay.of('/api/scheduling/follow-ups'),
    };
  }
}

const ofSome = <T>(items: readonly T[]): readonly T[] | undefined => (items.length > 0 ? items : undefined);

/** Notes are on no topic; that they are gone is in the list of what was not recovered. */
const NOTES = 3;
const withoutNotes = (value: unknown): string => JSON.stringify(value, (key, inner: unknown) => (key === 'note' ? undefined : inner));

const differences = (before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(before).flatMap((what) => {
    const [was, is] = [withoutNotes(before[what]), withoutNotes(after[what])];
    if (was === is) return [];
    const at = [...was].findIndex((letter, place) => letter !== is[place]);
    return [`${what} of the patient that people worked on are not as they were: ...${is.slice(Math.max(0, at - 80), at + 120)} instead of ...${was.slice(Math.max(0, at - 80), at + 120)}`];
  });

const strike =
  (service: Service): Fault['strike'] =>
  async ({ system, journal }: Bench) => {
    const mllp = new PersistentMllp(system.mllpPorts, 0, journal, () => Date.now() + 30_000);
    const worked = await Worked.through(system, mllp).finally(() => mllp.close());
    const before = await worked.seen();
    await end(system, service);
    await putBack(instanceOf(system).databaseUrl, service);
    await restart(system, service);
    await saysSo(system, service, 'recovery', 60);
    const from = Date.now();
    const run = await throughline(['recover', service, '--home', system.home]);
    if (run.code !== 0) throw new Error(`throughline recover: ${run.output.trim()}`);
    const notes = run.output.match(/not recovered: .*\bnote\b/g) ?? [];
    const problems = service === 'care-plan' && notes.length < NOTES ? [`it lists ${notes.length} lost notes, not ${NOTES}: ${run.output}`] : [];
    return { from, what: run.last, problems, afterwards: async () => differences(before, await worked.seen()) };
  };

const row = (service: Service): Fault => ({
  stand: 'one copy each',
  name: `older copy: ${service}`,
  prepare: async ({ system }) => {
    await keepCopy(instanceOf(system).databaseUrl, service);
    return () => Promise.resolve();
  },
  strike: strike(service),
});

/** A service's database is put back to how it was before the stream, and recovers from its own topic. */
export const olderCopies: readonly Fault[] = (['care-plan', 'medication-reconciliation', 'scheduling', 'notification'] as const).map(row);
