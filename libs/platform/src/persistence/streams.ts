import type { PgSql } from './database.js';

/** Another transaction tied more keys to this person between two reads: begin anew, with all of them. */
export class PersonGrew extends Error {
  override readonly name = 'PersonGrew';
}

/** Keys whose streams this transaction has locked, with their counters and who is whom. */
export interface LockedStreams {
  /** Key -> number of its last event. The unit counts on from here. */
  readonly seq: Map<string, number>;
  /** Every key that names the same person, the given one included; undefined for a key that is not locked. */
  person(key: string): readonly string[] | undefined;
}

/**
 * One statement: closes the keys over their aliases, makes missing stream rows and locks all of them in key order. The
 * no-change update is the lock; it also answers the newest committed counters. One order for everyone means no deadlock.
 */
const LOCK = `
  with recursive person (id) as (
    select unnest($1::uuid[])
    union
    select near.id from person p cross join lateral (
      select survivor_id as id from patient_alias where patient_id = p.id
      union all
      select patient_id from patient_alias where survivor_id = p.id
    ) near
  )
  insert into stream (key, seq) select id, 0 from person order by id
  on conflict (key) do update set seq = stream.seq
  returning key, seq`;

const ALIASES = `
  select patient_id, survivor_id from patient_alias where patient_id = any($1::uuid[])
  union
  select patient_id, survivor_id from patient_alias where survivor_id = any($1::uuid[])`;

const groupsOf = (keys: Iterable<string>, aliases: readonly { patient_id: string; survivor_id: string }[]): Map<string, string[]> => {
  const groups = new Map<string, string[]>();
  for (const key of keys) groups.set(key, [key]);
  for (const { patient_id: retired, survivor_id: survivor } of aliases) {
    const left = groups.get(retired);
    const right = groups.get(survivor);
    if (!left || !right) throw new PersonGrew(`An alias names a key that was not locked`);
    if (left === right) continue;
    const joined = [...left, ...right].sort();
    for (const key of joined) groups.set(key, joined);
  }
  return groups;
};

/** Two statements. Aliases are read again after the lock: who writes them holds the streams of both, so now they stand still. */
export const lockStreams = async (sql: PgSql, keys: readonly string[]): Promise<LockedStreams> => {
  const wanted = [...new Set(keys)];
  if (wanted.length === 0) return { seq: new Map(), person: () => undefined };
  const locked = await sql.prepared<{ key: string; seq: number }>(LOCK, [wanted]);
  const seq = new Map(locked.map((row) => [row.key, row.seq]));
  const groups = groupsOf(seq.keys(), await sql.prepared(ALIASES, [[...seq.keys()]]));
  return { seq, person: (key) => groups.get(key) };
};
