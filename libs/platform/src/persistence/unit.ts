import type { Publishes } from '@throughline/contracts/flow';
import type { Service } from '@throughline/contracts/define-event';
import type { EntityClass, PatientRow, Sql } from './sql.js';

/** Where a change came from: the ids that tie a task to the message behind it. */
export interface Cause {
  /** The same from message to task. */
  readonly correlationId: string;
  /** The event, command, inbound message or job that made this happen. */
  readonly causationId: string;
  readonly traceparent?: string;
  /** `sub` of the token, or `service:<name>`. */
  readonly actor: string;
}

/**
 * The rows of one kind, staged. Reads load each kind once for all patients of the batch (one query per kind);
 * `put` stages for the present message only: if its use-case refuses or throws, nothing of it stays.
 * Rows are values: never change one in place, put a new one.
 */
export interface PatientRows<Row extends PatientRow> {
  /** All rows of the person: of every key that names this patient under today's aliases. */
  of(patientId: string): Promise<readonly Row[]>;
  get(patientId: string, id: string): Promise<Row | undefined>;
  put(row: Row): void;
}

/** A due thing's alarm. The row is the truth; the job only wakes the use-case that re-reads it. */
export interface JobRequest {
  readonly name: string;
  readonly rowId: string;
  readonly patientId: string;
  readonly dueAt: Date;
}

/**
 * One transaction over the patients it has locked. A service wraps it into its own `Tx` (application/ports.ts), which is all
 * that a use-case can touch. It has no network: events and jobs leave through tables of the same transaction.
 */
export interface Unit<S extends Service = Service> {
  readonly now: Date;
  readonly cause: Cause;
  /**
   * True while the service gets to know again what it missed: facts are kept, and what depends on the whole person is left to
   * the end (`Recovers.settle`), because half of the facts would make and unmake things.
   */
  readonly catchingUp: boolean;
  /** For reads that `rows` cannot express. Writes go through `rows`, `append`, `publish` and `ask`. */
  readonly sql: Sql;
  rows<Row extends PatientRow>(entity: EntityClass<Row>): PatientRows<Row>;
  /** Insert-only rows (audit, history): a row whose id is there already is left alone. */
  append<Row extends { id: string }>(entity: EntityClass<Row>, row: Row): void;
  /**
   * Event id, key, subject and sequence follow from the data. The correlation id is the cause's, unless the event belongs to a
   * thread that began earlier (a clock that rings days after the message): then it names that thread.
   */
  publish(...events: readonly (Publishes<S> & { readonly correlationId?: string })[]): void;
  ask(job: JobRequest): void;
  /** Every patient id that names the same person, the given one included (all locked). */
  person(patientId: string): readonly string[];
  /**
   * From now on `patientId` goes by `survivorId`, and by nobody else; by its own id: by itself. No row moves. Both have to be
   * locked; what the unit reads afterwards is the whole person.
   */
  nameAs(patientId: string, survivorId: string): void;
}

/** Opens transactions for commands and jobs. Handlers of events get their unit from the runner, by the same road. */
export interface Transactions<S extends Service = Service> {
  /**
   * Locks the streams of these patients and of every key their aliases name, runs `work`, flushes and commits; retries
   * what is transient. Rings the bells of relay and jobs after commit.
   */
  inPatients<T>(patientIds: readonly string[], cause: Cause, work: (unit: Unit<S>) => Promise<T>): Promise<T>;
  /** A plain read (no locks), for queries of the HTTP adapter. */
  read<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}
