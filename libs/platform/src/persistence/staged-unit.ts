import { eventId } from '@throughline/kernel/ids';
import { publishedBy, routeOf } from '@throughline/contracts/flow';
import type { Service } from '@throughline/contracts/define-event';
import type { EntityClass, PatientRow, Sql } from './sql.js';
import type { Aliases } from './streams.js';
import type { Cause, JobRequest, PatientRows, Unit } from './unit.js';

/** An event as it will stand in the outbox, but for its place in the stream. */
export interface StagedEvent {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

/** The transaction under a staged message. */
export interface Ground {
  readonly service: Service;
  readonly sql: Sql;
  /** Every key of the person, with these names changed; throws for a patient whose stream is not locked. */
  person(patientId: string, changes?: Aliases): readonly string[];
  /** Rows of one kind by key and id, as the messages before this one left them. */
  rowsOf(entity: EntityClass<PatientRow>): Promise<ReadonlyMap<string, ReadonlyMap<string, PatientRow>>>;
}

/** What one message has staged; its use-case sees it as the whole database, nobody else does until it is kept. */
export class StagedUnit implements Unit {
  readonly puts = new Map<EntityClass<PatientRow>, Map<string, PatientRow>>();
  readonly appends = new Map<EntityClass<{ id: string }>, Map<string, { id: string }>>();
  readonly events: StagedEvent[] = [];
  readonly jobs: JobRequest[] = [];
  readonly names = new Map<string, string>();
  #over = false;

  constructor(
    private readonly ground: Ground,
    readonly cause: Cause,
    readonly now: Date,
    readonly catchingUp = false,
  ) {}

  get sql(): Sql {
    return this.ground.sql;
  }

  /** After this nothing can be staged any more: a promise left behind must not write into its neighbour. */
  close(): void {
    this.#over = true;
  }

  person(patientId: string): readonly string[] {
    return this.ground.person(patientId, this.names);
  }

  nameAs(patientId: string, survivorId: string): void {
    this.#open();
    this.ground.person(patientId);
    this.ground.person(survivorId);
    this.names.set(patientId, survivorId);
  }

  rows<Row extends PatientRow>(entity: EntityClass<Row>): PatientRows<Row> {
    const kind = entity as EntityClass<PatientRow>;
    const of = async (patientId: string): Promise<Map<string, PatientRow>> => {
      const keys = this.person(patientId);
      const loaded = await this.ground.rowsOf(kind);
      const found = new Map<string, PatientRow>();
      for (const key of keys) for (const [id, row] of loaded.get(key) ?? []) found.set(id, row);
      for (const [id, row] of this.puts.get(kind) ?? []) if (keys.includes(row.patientId)) found.set(id, row);
      return found;
    };
    return {
      of: async (patientId) => [...(await of(patientId)).values()] as Row[],
      get: async (patientId, id) => (await of(patientId)).get(id) as Row | undefined,
      put: (row) => {
        this.#open();
        this.ground.person(row.patientId);
        let rows = this.puts.get(kind);
        if (!rows) this.puts.set(kind, (rows = new Map()));
        rows.set(row.id, row);
      },
    };
  }

  append<Row extends { id: string }>(entity: EntityClass<Row>, row: Row): void {
    this.#open();
    let rows = this.appends.get(entity);
    if (!rows) this.appends.set(entity, (rows = new Map()));
    if (!rows.has(row.id)) rows.set(row.id, row);
  }

  publish(...events: readonly { readonly type: string; readonly data: unknown; readonly correlationId?: string }[]): void {
    this.#open();
    for (const event of events) this.events.push(this.#event(event.type, event.data, event.correlationId ?? this.cause.correlationId));
  }

  ask(job: JobRequest): void {
    this.#open();
    this.jobs.push(job);
  }

  #open(): void {
    if (this.#over) throw new Error('The message is over: a promise of its use-case was not awaited');
  }

  #event(type: string, data: unknown, correlationId: string): StagedEvent {
    const route = routeOf(type);
    if (!route || !publishedBy(this.ground.service).includes(type)) throw new Error(`${this.ground.service} does not publish ${type}`);
    const checked = route.event.data.safeParse(data);
    if (!checked.success) {
      // Paths and codes only: the values are a patient's.
      throw new Error(`${type} does not match its schema: ${checked.error.issues.map((issue) => `${issue.path.join('.')} ${issue.code}`).join(', ')}`);
    }
    const fact = checked.data as { patientId: string; version: number };
    this.ground.person(fact.patientId);
    const subject = route.event.subject(fact);
    const id = eventId(type, subject, fact.version);
    return {
      id,
      key: fact.patientId,
      type,
      value: JSON.stringify(fact),
      headers: {
        ce_specversion: '1.0',
        ce_id: id,
        ce_source: `/throughline/${this.ground.service}`,
        ce_type: type,
        ce_subject: subject,
        ce_time: this.now.toISOString(),
        ce_partitionkey: fact.patientId,
        ce_correlationid: correlationId,
        ce_causationid: this.cause.causationId,
        ...(this.cause.traceparent === undefined ? {} : { ce_traceparent: this.cause.traceparent }),
        'content-type': 'application/json',
      },
    };
  }
}
