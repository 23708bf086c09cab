import type { Service } from '@throughline/contracts/define-event';
import type { DataSource } from 'typeorm';
import { allOf } from './database.js';
import type { PgSql } from './database.js';
import { rowShape } from './row-shape.js';
import type { RowShape } from './row-shape.js';
import type { EntityClass, PatientRow } from './sql.js';
import { StagedUnit } from './staged-unit.js';
import type { Ground, StagedEvent } from './staged-unit.js';
import { writeAliases, type Aliases, type LockedStreams } from './streams.js';
import type { Cause, JobRequest, Unit } from './unit.js';

/** Rows of one kind: what the database holds for all locked keys, under what the kept messages have put. */
interface Kind {
  readonly shape: RowShape<PatientRow>;
  readonly dirty: Map<string, PatientRow>;
  /** Absent until somebody reads: what is only written needs no query. */
  loaded?: Promise<Rows>;
}

/** By key, then by id. */
type Rows = Map<string, Map<string, PatientRow>>;

const hold = (rows: Rows, row: PatientRow): void => {
  const held = rows.get(row.patientId);
  if (held) held.set(row.id, row);
  else rows.set(row.patientId, new Map([[row.id, row]]));
};

/** `ce_sequence` is padded so that it compares as text, as CloudEvents has it. */
const paddedSequence = (seq: number): string => String(seq).padStart(16, '0');

export type OpenUnit<S extends Service> = StagedUnit & Unit<S>;

/**
 * One transaction's rows, events and jobs, over the streams it has locked. Messages are staged one at a time:
 * `begin` -> use-case -> `keep`, or simply forget it. Nothing is written before `flush`.
 */
export class UnitOfWork<S extends Service = Service> implements Ground {
  readonly #kinds = new Map<EntityClass<PatientRow>, Kind>();
  readonly #appends = new Map<EntityClass<{ id: string }>, Map<string, { id: string }>>();
  readonly #events: (StagedEvent & { readonly seq: number })[] = [];
  readonly #jobs: JobRequest[] = [];
  readonly #names = new Map<string, string>();
  /** Row -> the traceparent under which a job was asked for it. */
  readonly #origins = new Map<string, string>();

  constructor(
    readonly service: S,
    readonly sql: PgSql,
    private readonly dataSource: DataSource,
    private readonly streams: LockedStreams,
    /** Remembers whose facts it changed, so that each person is made to agree at the end. */
    private readonly catchingUp = false,
  ) {}

  begin(cause: Cause, now: Date): OpenUnit<S> {
    return new StagedUnit(this, cause, now, this.catchingUp) as OpenUnit<S>;
  }

  /** The message's effects become part of the transaction, and visible to the messages after it. */
  async keep(unit: OpenUnit<S>): Promise<void> {
    unit.close();
    for (const [entity, rows] of unit.puts) {
      const kind = this.#kind(entity);
      const loaded = await kind.loaded;
      for (const row of rows.values()) {
        kind.dirty.set(row.id, row);
        if (loaded) hold(loaded, row);
      }
    }
    for (const [entity, rows] of unit.appends) {
      const held = this.#appends.get(entity);
      if (!held) this.#appends.set(entity, new Map(rows));
      else for (const [id, row] of rows) if (!held.has(id)) held.set(id, row);
    }
    for (const event of unit.events) {
      const seq = this.streams.seq.get(event.key)! + 1;
      this.streams.seq.set(event.key, seq);
      this.#events.push({ ...event, seq, headers: { ...event.headers, ce_sequence: paddedSequence(seq) } });
    }
    this.#jobs.push(...unit.jobs);
    if (unit.names.size > 0) this.streams.rename(unit.names);
    for (const [id, survivor] of unit.names) this.#names.set(id, survivor);
    const { traceparent } = unit.cause;
    if (traceparent !== undefined) for (const { rowId } of unit.jobs) if (!this.#origins.has(rowId)) this.#origins.set(rowId, traceparent);
  }

  /** True when the bells have something to ring for: events, jobs, or rows of a log that somebody tails. */
  get rings(): boolean {
    return this.#leaves || this.#appends.size > 0;
  }

  get #leaves(): boolean {
    return this.#events.length > 0 || this.#jobs.length > 0;
  }

  person(key: string, changes?: Aliases): readonly string[] {
    const person = changes && changes.size > 0 ? this.streams.personWith(changes, key) : this.streams.person(key);
    if (!person) throw new Error(`The stream of patient ${key} is not locked by this transaction`);
    return person;
  }

  /** One query per kind for all locked keys, at its first use. */
  rowsOf(entity: EntityClass<PatientRow>): Promise<Rows> {
    const kind = this.#kind(entity);
    kind.loaded ??= this.#load(kind);
    return kind.loaded;
  }

  #kind(entity: EntityClass<PatientRow>): Kind {
    let kind = this.#kinds.get(entity);
    if (!kind) this.#kinds.set(entity, (kind = { shape: rowShape(this.dataSource, entity), dirty: new Map() }));
    return kind;
  }

  async #load({ shape, dirty }: Kind): Promise<Rows> {
    const rows: Rows = new Map();
    for (const record of await this.sql.prepared(shape.select, [[...this.streams.seq.keys()]])) hold(rows, shape.fromDatabase(record));
    for (const row of dirty.values()) hold(rows, row);
    return rows;
  }

  /** One statement per changed table, in the order of their names, and one for streams, outbox and job requests; sent together. */
  async flush(now: Date): Promise<void> {
    const writes: { table: string; text: string; params: unknown[] }[] = [];
    for (const { shape, dirty } of this.#kinds.values()) {
      if (dirty.size === 0) continue;
      const rows = [...dirty.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      writes.push({ table: shape.table, text: shape.upsert, params: shape.columnsOf(rows) });
    }
    for (const [entity, rows] of this.#appends) {
      const shape = rowShape(this.dataSource, entity);
      writes.push({ table: shape.table, text: shape.insert, params: shape.columnsOf([...rows.values()]) });
    }
    writes.sort((a, b) => (a.table < b.table ? -1 : 1));
    await allOf([...writes.map((write) => this.sql.prepared(write.text, write.params)), ...(this.#leaves ? [this.#flushEvents(now)] : []), ...(this.#names.size > 0 ? [writeAliases(this.sql, this.#names)] : []), ...(this.#origins.size > 0 ? [this.#flushOrigins(now)] : []), ...(this.catchingUp ? [this.#flushPersons()] : [])]);
  }

  #flushPersons(): Promise<unknown> {
    return this.sql.prepared('insert into recovering_person (id) select unnest($1::uuid[]) on conflict do nothing', [[...this.streams.seq.keys()]]);
  }

  #flushOrigins(now: Date): Promise<unknown> {
    return this.sql.prepared(WRITE_ORIGINS, [[...this.#origins.keys()], [...this.#origins.values()], now]);
  }

  #flushEvents(now: Date): Promise<unknown> {
    const events = this.#events;
    const keys = [...new Set(events.map((event) => event.key))];
    return this.sql.prepared(WRITE_EVENTS, [
      keys,
      keys.map((key) => this.streams.seq.get(key)),
      events.map((event) => event.id),
      events.map((event) => event.key),
      events.map((event) => event.seq),
      events.map((event) => event.type),
      events.map((event) => JSON.stringify(event.headers)),
      events.map((event) => event.value),
      this.#jobs.map((job) => job.name),
      this.#jobs.map((job) => job.rowId),
      this.#jobs.map((job) => job.patientId),
      this.#jobs.map((job) => job.dueAt),
      now,
    ]);
  }
}

/** The first stays: it is the thread that made the row. */
const WRITE_ORIGINS = `
  insert into job_origin (row_id, traceparent, at)
  select row_id, traceparent, $3::timestamptz from unnest($1::uuid[], $2::text[]) o (row_id, traceparent)
  on conflict do nothing`;

/** Streams, outbox and job requests in one round trip. Outbox ids follow the order of the arrays. */
const WRITE_EVENTS = `
  with counted as (
    update stream set seq = u.seq from unnest($1::uuid[], $2::bigint[]) u (key, seq) where stream.key = u.key
  ), asked as (
    insert into job_request (name, row_id, patient_id, due_at, at)
    select name, row_id, patient_id, due_at, $13::timestamptz
    from unnest($9::text[], $10::uuid[], $11::uuid[], $12::timestamptz[]) j (name, row_id, patient_id, due_at)
    on conflict do nothing
  )
  insert into outbox (event_id, key, seq, type, headers, value, at)
  select event_id, key, seq, type, headers, value, $13::timestamptz
  from unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::jsonb[], $8::text[])
    with ordinality e (event_id, key, seq, type, headers, value, n)
  order by n`;
