import type { PgSql } from './database.js';

/** Another transaction tied more keys to this person between two reads: begin anew, with all of them. */
export class PersonGrew extends Error {
  override readonly name = 'PersonGrew';
}

/** Who goes by which id: retired id -> the id it goes by. */
export type Aliases = ReadonlyMap<string, string>;

/** Keys whose streams this transaction has locked, with their counters and who is whom. */
export class LockedStreams {
  #aliases: Aliases;
  #groups: ReadonlyMap<string, readonly string[]>;

  constructor(
    /** Key -> number of its last event. The unit counts on from here. */
    readonly seq: Map<string, number>,
    aliases: Aliases,
  ) {
    this.#aliases = aliases;
    this.#groups = groupsOf(seq.keys(), aliases);
  }

  /** Every key that names the same person, the given one included; undefined for a key that is not locked. */
  person(key: string): readonly string[] | undefined {
    return this.#groups.get(key);
  }

  /** As `person`, were these names changed: an id that goes by itself is nobody's alias any more. */
  personWith(changes: Aliases, key: string): readonly string[] | undefined {
    return groupsOf(this.seq.keys(), changed(this.#aliases, changes)).get(key);
  }

  rename(changes: Aliases): void {
    this.#aliases = changed(this.#aliases, changes);
    this.#groups = groupsOf(this.seq.keys(), this.#aliases);
  }
}

const changed = (aliases: Aliases, changes: Aliases): Aliases => new Map([...new Map([...aliases, ...changes])].filter(([id, survivor]) => id !== survivor));

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

const groupsOf = (keys: Iterable<string>, aliases: Aliases): Map<string, readonly string[]> => {
  const groups = new Map<string, readonly string[]>();
  for (const key of keys) groups.set(key, [key]);
  for (const [retired, survivor] of aliases) {
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
  if (wanted.length === 0) return new LockedStreams(new Map(), new Map());
  const locked = await sql.prepared<{ key: string; seq: number }>(LOCK, [wanted]);
  const seq = new Map(locked.map((row) => [row.key, row.seq]));
  const aliases = await sql.prepared<{ patient_id: string; survivor_id: string }>(ALIASES, [[...seq.keys()]]);
  return new LockedStreams(seq, new Map(aliases.map((row) => [row.patient_id, row.survivor_id])));
};

/** Makes the table say who goes by which id. One statement. */
export const writeAliases = async (sql: PgSql, changes: Aliases): Promise<void> => {
  await sql.prepared(WRITE_ALIASES, [[...changes.keys()], [...changes.values()]]);
};

const WRITE_ALIASES = `
  with said as (select patient_id, survivor_id from unnest($1::uuid[], $2::uuid[]) a (patient_id, survivor_id)),
       gone as (delete from patient_alias using said where patient_alias.patient_id = said.patient_id and said.patient_id = said.survivor_id)
  insert into patient_alias (patient_id, survivor_id)
  select patient_id, survivor_id from said where patient_id <> survivor_id order by patient_id
  on conflict (patient_id) do update set survivor_id = excluded.survivor_id`;
