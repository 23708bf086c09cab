import type { Sql } from '@throughline/platform/persistence/sql';
import type { Patient } from '../../application/ports.js';
import type { EpisodeFilter, EpisodeSeen, Reads, TaskFilter, TaskSeen, TimelineEntry } from '../../application/reads.js';
import { searchKey } from './patient.row.js';

/** Every key of the person that parameter `n` names, under today's aliases. */
const personOf = (n: number): string => `(
  select $${n}::uuid
  union select survivor_id from patient_alias where patient_id = $${n}
  union select other.patient_id from patient_alias other
         where other.survivor_id = coalesce((select survivor_id from patient_alias where patient_id = $${n}), $${n}::uuid))`;

/** The name on screen is the survivor's. */
const withPatient = (table: string): string => `
  left join patient_alias alias on alias.patient_id = ${table}.patient_id
  left join patient on patient.id = coalesce(alias.survivor_id, ${table}.patient_id)`;

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

const TASK = `select task.body as task, task.work, patient.body as patient from task ${withPatient('task')}`;
const EPISODE = `select episode.body as episode, patient.body as patient from episode ${withPatient('episode')}`;
/** `%` and `_` are letters here. */
const prefix = (text: string): string => `${text.replace(/[\\%_]/g, '\\$&')}%`;

export class PostgresReads implements Reads {
  constructor(private readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>) {}

  tasks(filter: TaskFilter, after: readonly unknown[] | undefined, limit: number): Promise<readonly TaskSeen[]> {
    const where = new Where();
    if (filter.status === 'open') where.and(() => `task.status in ('open', 'overdue')`);
    else if (filter.status && filter.status !== 'all') where.and((n) => `task.status = $${n}`, filter.status);
    if (filter.patient) where.and((n) => `task.patient_id in ${personOf(n)}`, filter.patient);
    if (filter.team) where.and((n) => `task.team = $${n}`, filter.team);
    if (filter.assignee) where.and((n) => `task.assignee = $${n}`, filter.assignee);
    if (filter.dueBefore) where.and((n) => `task.due_at < $${n}::timestamptz`, filter.dueBefore);
    if (after) where.and((n) => `(task.due_at, task.id) > ($${n}::timestamptz, $${n + 1}::uuid)`, ...after);
    const text = `${TASK} ${where.text} order by task.due_at, task.id limit ${limit}`;
    return this.read((sql) => sql.query<TaskSeen>(text, where.params));
  }

  async task(id: string): Promise<TaskSeen | undefined> {
    return (await this.read((sql) => sql.query<TaskSeen>(`${TASK} where task.id = $1`, [id])))[0];
  }

  episodes(filter: EpisodeFilter, after: readonly unknown[] | undefined, limit: number): Promise<readonly EpisodeSeen[]> {
    const where = new Where();
    if (filter.status && filter.status !== 'all') where.and((n) => `episode.status = $${n}`, filter.status);
    if (filter.patient) where.and((n) => `episode.patient_id in ${personOf(n)}`, filter.patient);
    if (after) where.and((n) => `(episode.opened_at, episode.id) < ($${n}::timestamptz, $${n + 1}::uuid)`, ...after);
    const text = `${EPISODE} ${where.text} order by episode.opened_at desc, episode.id desc limit ${limit}`;
    return this.read((sql) => sql.query<EpisodeSeen>(text, where.params));
  }

  async episode(id: string): Promise<EpisodeSeen | undefined> {
    return (await this.read((sql) => sql.query<EpisodeSeen>(`${EPISODE} where episode.id = $1`, [id])))[0];
  }

  async patients(query: string, after: readonly unknown[] | undefined, limit: number): Promise<readonly (Patient & { readonly keys: readonly [string, string] })[]> {
    const words = searchKey(query).split(/[\s,]+/).filter(Boolean).slice(0, 5);
    const names = new Where();
    for (const word of words) names.and((n) => `(family_key like $${n} or given_key like $${n})`, prefix(word));
    const record = names.params.length + 1;
    const found = `(${words.length === 0 ? 'true' : names.text.replace(/^where /, '')} or record_key like $${record})`;
    const page = after ? `and (family_key, given_key, id) > ($${record + 1}, $${record + 2}, $${record + 3}::uuid)` : '';
    const rows = await this.read((sql) =>
      sql.query<{ body: Patient; family_key: string; given_key: string }>(
        `select body, family_key, given_key from patient
          where ${found} ${page} and not exists (select from patient_alias where patient_alias.patient_id = patient.id)
          order by family_key, given_key, id limit ${limit}`,
        [...names.params, prefix(searchKey(query)), ...(after ?? [])],
      ),
    );
    return rows.map((row) => ({ ...row.body, keys: [row.family_key, row.given_key] as const }));
  }

  async patient(id: string): Promise<Patient | undefined> {
    const rows = await this.read((sql) =>
      sql.query<{ body: Patient }>('select body from patient where id = coalesce((select survivor_id from patient_alias where patient_id = $1), $1::uuid)', [id]),
    );
    return rows[0]?.body;
  }

  async timeline(patientId: string, after: readonly unknown[] | undefined, limit: number): Promise<readonly TimelineEntry[]> {
    const where = new Where().and((n) => `patient_id in ${personOf(n)}`, patientId);
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
