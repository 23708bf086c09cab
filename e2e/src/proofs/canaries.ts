import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Values that stand nowhere by chance. None has a space or a mark in it, so that no filter by shape keeps it out. */
export const CANARY = {
  family: 'Zanzibarqua', given: 'Quillonfex', mrn: 'MRN9X7Q4417', phone: '5550193847261', account: 'ACCT77Q3141', ssn: '987654320917', street: 'Zweibrueckquat',
  kin: 'Kinquorvex', diagnosis: 'DgoneZyxxal', observation: 'ObxZyxxal', comment: 'NteZyxxal', medicine: 'MediZyxxal', directions: 'SigZyxxal',
  taskNote: 'TaskZyxxal', contactNote: 'ContactZyxxal', reconciliationNote: 'ReconZyxxal',
  unreadable: 'UnreadZyxxal', parked: 'ParkedZyxxal', wrongField: 'WrongZyxxal', asked: 'AskedZyxxal',
} as const;
export type Canary = keyof typeof CANARY;

/** Canaries in this text, as it stands or in another spelling that a program may have given it. */
export const canariesIn = (text: string): readonly Canary[] => {
  const lower = text.toLowerCase();
  const spelled = (value: string): readonly string[] => [value, Buffer.from(value).toString('base64').slice(0, -4), Buffer.from(value).toString('hex')];
  return (Object.keys(CANARY) as Canary[]).filter((name) => spelled(CANARY[name]).some((one) => lower.includes(one.toLowerCase())));
};

/** Files below a folder that are text people or programs look at: everything but the database's own data. */
export const filesWithCanaries = (home: string, data: readonly string[]): Readonly<Record<string, readonly Canary[]>> => {
  const found: Record<string, readonly Canary[]> = {};
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const place = relative(home, path);
      if (data.includes(place)) continue;
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isDirectory()) walk(path);
      else if (stat?.isFile()) {
        const canaries = canariesIn(readFileSync(path, 'latin1'));
        if (canaries.length > 0) found[place] = canaries;
      }
    }
  };
  walk(home);
  return found;
};

interface Queries {
  query<Row>(text: string): Promise<{ rows: Row[] }>;
}

/** `schema.table` -> the canaries in it, over the whole database; the bus by topic. */
export const tablesWithCanaries = async (database: Queries): Promise<Readonly<Record<string, readonly Canary[]>>> => {
  const { rows: tables } = await database.query<{ schema: string; name: string }>(`select schemaname as schema, tablename as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2`);
  const found: Record<string, Set<Canary>> = {};
  for (const { schema, name } of tables) {
    const topic = schema === 'bus' && name === 'record' ? `topic` : `''`;
    const { rows } = await database.query<{ place: string; row: string }>(`select ${topic} as place, t::text as row from "${schema}"."${name}" t`);
    for (const { place, row } of rows) for (const canary of canariesIn(row)) (found[[`${schema}.${name}`, place].filter(Boolean).join(' ')] ??= new Set()).add(canary);
  }
  return Object.fromEntries(Object.entries(found).map(([place, canaries]) => [place, [...canaries].sort()]));
};
