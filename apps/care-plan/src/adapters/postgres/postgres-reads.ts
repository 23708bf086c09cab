import { keysOfPerson, labelOf, survivorOf, withPatient, type WithPatient } from '@throughline/platform/patients/patient-reads';
import type { Sql } from '@throughline/platform/persistence/sql';
import type { EpisodeFilter, EpisodeSeen, PatientSeen, Reads, TaskFilter, TaskOwner, TaskSeen, TimelineEntry } from '../../application/reads.js';
import { searchKey } from './patient.row.js';

/** Conditions that are asked for, with their parameters numbered as they come. */
class Where {
  readonly params: unknown[] = [];
  readonly #conditions: string[] = [];

  and(condition: (n: number) => string, ...params: readonly unknown[]): this {
    this.#conditions.push(condition(this.params.length + 1));
    this.params.push(...params);
    return this;
  }

  get text(): string {
    return this.#conditions.length === 0 ? '' : `where ${this.#conditions.join(' and ')}`;
  }
}

const OF_TASK = withPatient('task');
const TASK = `select task.body as task, task.work, episode.body as episode, ${OF_TASK.columns} from task join episode on episode.id = task.episode_id ${OF_TASK.joins}`;
const OF_EPISODE = withPatient('episode');
const EPISODE = `select episode.body as episode, ${OF_EPISODE.columns} from episode ${OF_EPISODE.joins}`;

type TaskRecord = Omit<TaskSeen, 'patient' | 'origin'> & Pick<EpisodeSeen, 'episode'> & WithPatient;
type EpisodeRecord = Omit<EpisodeSeen, 'patient'> & WithPatient;
const taskSeen = (row: TaskRecord): TaskSeen => ({ task: row.task, work: row.work, origin: row.episode, patient: labelOf(row) });
const episodeSeen = (row: EpisodeRecord): EpisodeSeen => ({ episode: row.episode, patient: labelOf(row) });

/** `%` and `_` are letters here. */
const prefix = (text: string): string => `${text.replace(/[\\%_]/g, '\\$&')}%`;

export class PostgresReads implements Reads {
  constructor(private readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>) {}

  async tasks(filter: TaskFilter, after: readonly unknown[] | undefined, limit: number): Promise<readonly TaskSeen[]> {
    const where = new Where();
    if (filter.status === 'open') where.and(() => `task.status in ('open', 'overdue')`);
    else if (filter.status && filter.status !== 'all') where.and((n) => `task.status = $${n}`, filter.status);
    if (filter.patient) where.and((n) => `task.patient_id in ${keysOfPerson(n)}`, filter.patient);
    if (filter.team) where.and((n) => `task.team = $${n}`, filter.team);
    if (filter.assignee) where.and((n) => `task.assignee = $${n}`, filter.assignee);
    if (filter.dueBefore) where.and((n) => `task.due_at < $${n}::timestamptz`, filter.dueBefore);
    if (filter.snoozed) {
      const { is, now } = filter.snoozed;
      where.and((n) => (is ? `task.snoozed_until > $${n}::timestamptz` : `(task.snoozed_until is null or task.snoozed_until <= $${n}::timestamptz)`), now);
    }
    if (after) where.and((n) => `(task.due_at, task.id) > ($${n}::timestamptz, $${n + 1}::uuid)`, ...after);
    const text = `${TASK} ${where.text} order by task.due_at, task.id limit ${limit}`;
    return (await this.read((sql) => sql.query<TaskRecord>(text, where.params))).map(taskSeen);
  }

  async task(id: string): Promise<TaskSeen | undefined> {
    return (await this.read((sql) => sql.query<TaskRecord>(`${TASK} where task.id = $1`, [id]))).map(taskSeen)[0];
  }

  async owners(ids: readonly string[]): Promise<ReadonlyMap<string, TaskOwner>> {
    const rows = await this.read((sql) =>
      sql.query<TaskOwner & { id: string }>('select id, patient_id as "patientId", correlation_id as "correlationId" from task where id = any($1::uuid[])', [ids]),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  async episodes(filter: EpisodeFilter, after: readonly unknown[] | undefined, limit: number): Promise<readonly EpisodeSeen[]> {
    const where = new Where();
    if (filter.status && filter.status !== 'all') where.and((n) => `episode.status = $${n}`, filter.status);
    if (filter.kind) where.and(() => `episode.referral_id is ${filter.kind === 'programme' ? 'not null' : 'null'}`);
    if (filter.patient) where.and((n) => `episode.patient_id in ${keysOfPerson(n)}`, filter.patient);
    if (after) where.and((n) => `(episode.opened_at, episode.id) < ($${n}::timestamptz, $${n + 1}::uuid)`, ...after);
    const text = `${EPISODE} ${where.text} order by episode.opened_at desc, episode.id desc limit ${limit}`;
    return (await this.read((sql) => sql.query<EpisodeRecord>(text, where.params))).map(episodeSeen);
  }

  async episode(id: string): Promise<EpisodeSeen | undefined> {
    return (await this.read((sql) => sql.query<EpisodeRecord>(`${EPISODE} where episode.id = $1`, [id]))).map(episodeSeen)[0];
  }

  async patients(query: string, after: readonly unknown[] | undefined, limit: number): Promise<readonly (PatientSeen & { readonly keys: readonly [string, string] })[]> {
    const words = searchKey(query).split(/[\s,]+/).filter(Boolean).slice(0, 5);
    const names = new Where();
    for (const word of words) names.and((n) => `(family_key like $${n} or given_key like $${n})`, prefix(word));
    const record = names.params.length + 1;
    const found = `(${words.length === 0 ? 'true' : names.text.replace(/^where /, '')} or record_key like $${record})`;
    const page = after ? `and (family_key, given_key, id) > ($${record + 1}, $${record + 2}, $${record + 3}::uuid)` : '';
    const rows = await this.read((sql) =>
      sql.query<{ body: PatientSeen; family_key: string; given_key: string }>(
        `select body, family_key, given_key from patient
          where ${found} ${page} and not exists (select from patient_alias where patient_alias.patient_id = patient.id)
          order by family_key, given_key, id limit ${limit}`,
        [...names.params, prefix(searchKey(query)), ...(after ?? [])],
      ),
    );
    return rows.map((row) => ({ ...row.body, keys: [row.family_key, row.given_key] as const }));
  }

  async patient(id: string): Promise<PatientSeen | undefined> {
    return (await this.read((sql) => sql.query<{ body: PatientSeen }>(`select body from patient where id = ${survivorOf(1)}`, [id])))[0]?.body;
  }

  async timeline(patientId: string, after: readonly unknown[] | undefined, limit: number): Promise<readonly TimelineEntry[]> {
    const where = new Where().and((n) => `patient_id in ${keysOfPerson(n)}`, patientId);
    if (after) where.and((n) => `(at, place, id) < ($${n}::timestamptz, $${n + 1}::int, $${n + 2}::uuid)`, ...after);
    const rows = await this.read((sql) =>
      sql.query<Omit<TimelineEntry, 'at'> & { at: Date }>(
        `select id, patient_id as "patientId", at, place, kind, label, actor as "by", detail, episode_id as "episodeId", task_id as "taskId"
           from history ${where.text} order by at desc, place desc, id desc limit ${limit}`,
        where.params,
      ),
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }
}
