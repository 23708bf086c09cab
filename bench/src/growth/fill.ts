import pg from 'pg';
import { quoted } from '../work/table-columns.js';
import type { Column, ServiceWork, TableWork, Work } from '../work/work.js';

/** A row per patient, whoever they are; the other tables have rows for those who were followed up. */
const OF_EVERY_PATIENT = new Set(['patient', 'identifier', 'encounter', 'stream']);
/** One patient in so many was discharged and followed up within the time that is kept. */
const FOLLOWED_UP = 10;
/** Rows per discharge below which a table does not grow. */
const STAYS = 0.1;
/** What nobody has to do any more. */
const OVER: Readonly<Record<string, string>> = { 'task.status': `'completed'`, 'task.wake_job': 'null', 'task.next_wake_at': 'null' };

const schemaOf = ({ service }: ServiceWork): string => service.replaceAll('-', '_');
/** Of a made-up patient, the same in every service. */
const PATIENT_ID = `md5('patient ' || p)::uuid`;

/**
 * A value for row `g` of patient `p`, made from sample `s`: ids of its own where an index wants them, the patient's number in
 * what is searched by, numbers below zero where a counter goes up from zero.
 */
export const valueFor = (table: string, { name, type, unique, indexed }: Column, lastOfKey: boolean): string => {
  const over = OVER[`${table}.${name}`];
  const sample = `s.${pg.escapeIdentifier(name)}`;
  const digest = `md5('${table}.${name} ' || g)`;
  if (over !== undefined) return over;
  if (name === 'patient_id' || (table === 'stream' && name === 'key')) return PATIENT_ID;
  if (type === 'uuid') return indexed ? `${digest}::uuid` : sample;
  if (unique && type === 'bigint') return `-1 - g`;
  if (unique && lastOfKey) return `left(${sample}, greatest(length(${sample}) - 32, 0)) || ${digest}`;
  if (indexed && type === 'text') return `regexp_replace(${sample}, '[0-9]{5,}', 'F' || lpad(p::text, 11, '0'), 'g')`;
  return sample;
};

/** Rows from patient `from` to before `to`. */
const insertFor = (schema: string, { table, columns, inserts, deletes }: TableWork, samples: string, from: number, to: number): string => {
  const each = OF_EVERY_PATIENT.has(table);
  const per = each ? 1 : (inserts - deletes) / FOLLOWED_UP;
  const keys = columns.filter(({ key }) => key);
  const values = columns.map((column) => valueFor(table, column, column === keys.at(-1)));
  return `insert into ${quoted(schema, table)} (${columns.map(({ name }) => pg.escapeIdentifier(name)).join(', ')}) overriding system value
    select ${values.join(', ')}
    from (select g, floor(g / ${per.toFixed(6)} / ${each ? 1 : FOLLOWED_UP})::bigint * ${each ? 1 : FOLLOWED_UP} as p
          from generate_series(${Math.round(from * per)}, ${Math.round(to * per) - 1}) g) n
    join ${samples} s on s.nth = n.g % (select count(*) from ${samples})`;
};

/** Puts made-up patients on file in every service, as many as wanted, as if they had come and gone. */
export class Fill {
  #filled = 0;

  private constructor(
    private readonly client: pg.Client,
    private readonly work: Work,
    private readonly say: (line: string) => void,
  ) {}

  /** @param work with what a discharge leaves behind; rows to copy are taken from the tables as they are now */
  static async begin(databaseUrl: string, work: Work, say: (line: string) => void): Promise<Fill> {
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    // No triggers and no foreign keys for these: they hand out numbers that readers wait for.
    await client.query(`set session_replication_role = replica; drop schema if exists fill cascade; create schema fill`);
    const kept = work.map((service) => ({ ...service, tables: service.tables.filter(({ inserts, deletes }) => inserts - deletes >= STAYS) }));
    const fill = new Fill(client, kept, say);
    for (const service of kept)
      for (const { table } of service.tables) await client.query(`create table ${fill.#samples(service, table)} as select row_number() over () - 1 as nth, t.* from (select * from ${quoted(schemaOf(service), table)} order by ctid desc limit 300) t`);
    return fill;
  }

  /** Until so many are on file. */
  async upTo(patients: number): Promise<void> {
    const begun = performance.now();
    for (const service of this.work) {
      let rows = 0;
      for (const table of service.tables) rows += (await this.client.query(insertFor(schemaOf(service), table, this.#samples(service, table.table), this.#filled, patients))).rowCount ?? 0;
      this.say(`  ${service.service}: ${rows} rows more (${((performance.now() - begun) / 1_000).toFixed(0)} s)`);
    }
    this.#filled = patients;
    await this.client.query('vacuum (analyze)');
    await this.client.query('checkpoint');
  }

  async end(): Promise<void> {
    await this.client.query('drop schema if exists fill cascade').catch(() => undefined);
    await this.client.end();
  }

  #samples(service: ServiceWork, table: string): string {
    return quoted('fill', `${schemaOf(service)}_${table}`);
  }
}
