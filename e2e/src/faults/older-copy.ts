import type { Service } from '@throughline/contracts/define-event';
import pg from 'pg';

const schemaOf = (service: Service): string => service.replaceAll('-', '_');
const copyOf = (service: Service): string => `copy_of_${schemaOf(service)}`;

/** A superuser's connection: it fills tables without asking their triggers. */
const connected = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const tablesOf = async (client: pg.Client, schema: string): Promise<readonly string[]> =>
  (await client.query<{ name: string }>(`select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'r' order by 1`, [schema])).rows.map((row) => row.name);

const SEQUENCES = 'select sequencename as name, last_value as last from pg_sequences where schemaname = $1';

/** Keeps what a service's database holds now, as one transaction sees it: rows, and where its sequences stand. */
export const keepCopy = (url: string, service: Service): Promise<void> =>
  connected(url, async (client) => {
    const schema = schemaOf(service);
    const copy = copyOf(service);
    await client.query('begin isolation level repeatable read');
    await client.query(`drop schema if exists ${copy} cascade`);
    await client.query(`create schema ${copy}`);
    for (const table of await tablesOf(client, schema)) await client.query(`create table ${copy}."${table}" as table ${schema}."${table}"`);
    await client.query(`create table ${copy}._sequences as ${SEQUENCES.replace('$1', pg.escapeLiteral(schema))}`);
    await client.query('commit');
  });

/** Puts a stopped service's database back to the copy. */
export const putBack = (url: string, service: Service): Promise<void> =>
  connected(url, async (client) => {
    const schema = schemaOf(service);
    const copy = copyOf(service);
    const tables = await tablesOf(client, schema);
    await client.query('begin');
    await client.query(`set local session_replication_role = replica`);
    await client.query(`truncate ${tables.map((table) => `${schema}."${table}"`).join(', ')}`);
    for (const table of tables) await client.query(`insert into ${schema}."${table}" overriding system value table ${copy}."${table}"`);
    for (const { name, last } of (await client.query<{ name: string; last: string | null }>(`select name, last from ${copy}._sequences`)).rows) {
      await client.query('select setval($1::regclass, $2, $3)', [`${schema}.${name}`, last ?? 1, last !== null]);
    }
    await client.query('commit');
    await client.query(`drop schema ${copy} cascade`);
  });
