import type { Sql } from '../persistence/sql.js';
import { LoggableError } from '../telemetry/safe-error.js';

/**
 * The embedded bus in PostgreSQL. An append locks the partition's row and takes its next offsets from it; a sequence would
 * hand numbers out before commit and a reader would skip the late ones. Everybody comes in through the functions only.
 */
const MIGRATIONS: readonly string[] = [
  `-- expand
create table bus.cluster (single boolean primary key default true check (single), id uuid not null default gen_random_uuid());
insert into bus.cluster default values;

create table bus.partition (
  topic text not null,
  partition int not null,
  low_offset bigint not null default 0,
  next_offset bigint not null default 0,
  primary key (topic, partition)
);

create table bus.record (
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  key text not null,
  headers json not null,
  value text not null,
  at timestamptz not null,
  primary key (topic, partition, "offset")
);

create table bus.group_position (
  group_name text not null,
  topic text not null,
  partition int not null,
  next_offset bigint not null,
  at timestamptz not null default now(),
  primary key (group_name, topic, partition)
);

create function bus.append(in_topic text, in_partitions int[], in_keys text[], in_headers text[], in_values text[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  found int;
begin
  select count(*) into found from (
    select 1 from bus.partition p where p.topic = in_topic and p.partition = any (in_partitions) order by p.partition for update
  ) locked;
  if found <> (select count(distinct n) from unnest(in_partitions) n) then
    raise exception 'topic % or one of its partitions does not exist', in_topic using errcode = 'undefined_object';
  end if;
  insert into bus.record (topic, partition, "offset", key, headers, value, at)
  select in_topic, r.partition, p.next_offset + row_number() over (partition by r.partition order by r.n) - 1,
         r.key, r.headers::json, r.value, clock_timestamp()
    from unnest(in_partitions, in_keys, in_headers, in_values) with ordinality r (partition, key, headers, value, n)
    join bus.partition p on p.topic = in_topic and p.partition = r.partition;
  update bus.partition p set next_offset = p.next_offset + r.taken
    from (select n, count(*) as taken from unnest(in_partitions) n group by n) r
   where p.topic = in_topic and p.partition = r.n;
end $$;

-- The next records of several partitions, shared out evenly: from each partition a run that begins at the offset asked for.
create function bus.read(in_topic text, in_partitions int[], in_offsets bigint[], in_limit int) returns setof bus.record
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  return query
  select t.topic, t.partition, t."offset", t.key, t.headers, t.value, t.at from (
    select r.* from unnest(in_partitions, in_offsets) w (partition, from_offset)
     cross join lateral (
       select b.* from bus.record b
        where b.topic = in_topic and b.partition = w.partition and b."offset" >= w.from_offset
        order by b."offset" limit in_limit
     ) r
     order by row_number() over (partition by r.partition order by r."offset"), r.partition
     limit in_limit
  ) t order by t.partition, t."offset";
end $$;

create function bus.spans() returns table (topic text, partition int, low_offset bigint, next_offset bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select topic, partition, low_offset, next_offset from bus.partition order by topic, partition
$$;

create function bus.cluster_id() returns uuid
language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select id from bus.cluster $$;

create function bus.ensure_topic(in_topic text, in_partitions int) returns int
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into bus.partition (topic, partition) select in_topic, n from generate_series(0, in_partitions - 1) n
   where not exists (select 1 from bus.partition p where p.topic = in_topic)
  on conflict do nothing;
  select count(*)::int from bus.partition p where p.topic = in_topic
$$;

create function bus.note_positions(in_group text, in_topic text, in_partitions int[], in_offsets bigint[]) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into bus.group_position (group_name, topic, partition, next_offset)
  select in_group, in_topic, w.partition, w.next_offset from unnest(in_partitions, in_offsets) w (partition, next_offset)
  on conflict (group_name, topic, partition) do update set next_offset = excluded.next_offset, at = now()
$$;

-- Removes from the front what is older than in_before and below the position of every group in in_groups (one not noted yet stands at 0).
create function bus.prune(in_topic text, in_groups text[], in_before timestamptz, in_limit int) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  part record;
  bound bigint;
  removed int;
  total int := 0;
begin
  for part in
    select p.partition, p.low_offset, p.next_offset, coalesce(
      (select min(coalesce(g.next_offset, 0)) from unnest(in_groups) name
         left join bus.group_position g on g.group_name = name and g.topic = in_topic and g.partition = p.partition), p.next_offset) as floor
      from bus.partition p where p.topic = in_topic order by p.partition
  loop
    -- By the first young record, not by each one's age: a clock set back must not tear holes.
    select least(part.floor, coalesce(min(b."offset"), part.next_offset)) into bound
      from bus.record b where b.topic = in_topic and b.partition = part.partition and b.at >= in_before;
    delete from bus.record r where r.topic = in_topic and r.partition = part.partition and r."offset" < least(bound, part.low_offset + in_limit);
    get diagnostics removed = row_count;
    if removed > 0 then
      total := total + removed;
      update bus.partition p set low_offset = least(bound, part.low_offset + in_limit) where p.topic = in_topic and p.partition = part.partition;
    end if;
  end loop;
  return total;
end $$;

grant usage on schema bus to public;`,
];

/** Brings schema `bus` to this program's version. Idempotent; the caller holds the bus's lock, so nobody else does the same. */
export const migrateBus = async (sql: Sql): Promise<void> => {
  await sql.query('create schema if not exists bus');
  await sql.query('create table if not exists bus.migration (version int primary key, at timestamptz not null default now())');
  const [{ done } = { done: 0 }] = await sql.query<{ done: number }>('select coalesce(max(version), 0)::int as done from bus.migration');
  if (done > MIGRATIONS.length) {
    throw new LoggableError(`The embedded bus's tables are of version ${done}, this program knows ${MIGRATIONS.length}: start the newer program`);
  }
  for (const [i, text] of MIGRATIONS.entries()) {
    if (i < done) continue;
    await sql.query(`begin;\n${text}\ninsert into bus.migration (version) values (${i + 1});\ncommit`);
  }
};
