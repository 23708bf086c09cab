import { randomUUID } from 'node:crypto';
import { partitionOf } from '@throughline/platform/bus/partitioner';
import { hl7Time } from '@throughline/testing/hl7-builder';
import { eventually, throughline, type System } from '@throughline/testing/system';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { fiveOpen, Stay } from '../stories/ward.js';
import type { Promised } from './discharge-stream.js';
import type { Bench, Fault } from './fault.js';
import { PersistentMllp } from './retried-senders.js';
import { instanceOf } from './strikes.js';

const SERVICE = 'care-plan';
const JUNK_TYPE = 'care.discharge.recorded.v1';
const JUNK_READERS = ['care-plan', 'medication-reconciliation'];

interface ParkedRow {
  readonly id: string;
  readonly key: string | null;
  readonly state: string;
  readonly reason: string;
}

const parkedOf = async (system: System, service: string, key: string): Promise<readonly ParkedRow[]> =>
  (await system.get<{ items: readonly ParkedRow[] }>(`/api/${service}/parked?limit=200`, 'operator')).items.filter((row) => row.key === key);

/** The head is parked, and at least so many stand behind it, in the order of their numbers. */
const parkedWith = (system: System, service: string, key: string, behind: number): Promise<readonly ParkedRow[]> =>
  eventually(`${service} parks ${key}`, async () => {
    const rows = [...(await parkedOf(system, service, key))].sort((a, b) => Number(a.id) - Number(b.id));
    if (rows[0]?.state !== 'parked' || rows.filter(({ state }) => state === 'behind').length < behind) throw new Error(rows.map(({ state, reason }) => `${state} (${reason})`).join(', ') || 'none');
    return rows;
  });

const operator = async (system: System, ...args: readonly string[]): Promise<{ code: number | null; last: string }> => throughline(['parked', ...args, '--home', system.home]);

/** A row that care-plan's database refuses: the message fails by its own, and can be repaired without touching the program. */
const withDefect = async (system: System, patientId: string, work: (repair: () => Promise<void>) => Promise<void>): Promise<void> => {
  const client = new pg.Client({ connectionString: instanceOf(system).databaseUrl });
  await client.connect();
  const repair = async (): Promise<void> => void (await client.query('alter table care_plan.episode drop constraint if exists fault_defect'));
  try {
    await client.query(`alter table care_plan.episode add constraint fault_defect check (patient_id <> ${pg.escapeLiteral(patientId)}) not valid`);
    await work(repair);
  } finally {
    await repair();
    await client.end();
  }
};

/** Not an event of ours, although it says so: the right key, and a next version. */
const publishJunk = async (system: System, patientId: string): Promise<void> => {
  const producer = new Kafka({ clientId: 'faults', brokers: instanceOf(system).kafkaBrokers.split(','), logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  const headers = { ce_specversion: '1.0', ce_type: JUNK_TYPE, ce_id: randomUUID(), ce_source: '/intake', ce_subject: randomUUID(), ce_time: new Date().toISOString(), ce_partitionkey: patientId, 'content-type': 'application/json' };
  await producer.send({ topic: 'intake', acks: -1, messages: [{ key: patientId, value: JSON.stringify({ patientId, version: 2 }), headers, partition: partitionOf(patientId, 12) }] }).finally(() => producer.disconnect());
};

/** A discharge and its followers of one patient. */
class Patient {
  readonly stay: Stay;
  readonly promised: Promised;
  readonly #discharge: string;

  constructor(
    private readonly mllp: PersistentMllp,
    system: System,
    cancelled: boolean,
  ) {
    this.stay = new Stay(system, 2);
    this.#discharge = this.stay.message('A03');
    this.promised = { name: `${this.stay.mrn} (poisoned)`, controlId: this.#discharge.split('|')[9]!, cancelled, medicines: [] };
  }

  async admitted(): Promise<string> {
    await this.mllp.send(this.stay.message('A01'));
    return this.stay.patientId();
  }

  async discharged(): Promise<void> {
    await this.mllp.send(this.#discharge);
    if (this.promised.cancelled) await this.mllp.send(this.stay.message('A13', { recordedAt: hl7Time(new Date()) }));
  }
}

/** Others flow while somebody stands parked. */
const othersFlow = async (mllp: PersistentMllp, system: System): Promise<Promised> => {
  const other = new Patient(mllp, system, false);
  await other.admitted();
  await other.discharged();
  await other.stay.tasksWhen('five tasks of another patient', fiveOpen);
  return other.promised;
};

const repairedAndReplayed = async (system: System, mllp: PersistentMllp): Promise<{ promised: Promised[]; problems: string[]; what: string }> => {
  const problems: string[] = [];
  const patient = new Patient(mllp, system, true);
  const patientId = await patient.admitted();
  let what = '';
  const promised = [patient.promised];
  await withDefect(system, patientId, async (repair) => {
    await patient.discharged();
    const [head, ...behind] = await parkedWith(system, SERVICE, patientId, 1);
    promised.push(await othersFlow(mllp, system));
    const early = await operator(system, 'replay', SERVICE, head!.id);
    if (early.code !== 1 || !early.last.startsWith('it failed again')) problems.push(`a replay before the repair said: ${early.last}`);
    await repair();
    const late = await operator(system, 'replay', SERVICE, head!.id);
    if (late.code !== 0 || !late.last.startsWith('done')) problems.push(`a replay after the repair said: ${late.last}`);
    what = `one parked as ${head!.reason} with ${behind.length} behind; replay: ${late.last}`;
  });
  return { promised, problems, what };
};

const discarded = async (system: System, mllp: PersistentMllp): Promise<{ promised: Promised[]; what: string }> => {
  const patient = new Patient(mllp, system, false);
  const patientId = await patient.admitted();
  await publishJunk(system, patientId);
  await Promise.all(JUNK_READERS.map((service) => parkedWith(system, service, patientId, 0)));
  await patient.discharged();
  const told: string[] = [];
  for (const service of JUNK_READERS) {
    const [head, ...behind] = await parkedWith(system, service, patientId, 1);
    const run = await operator(system, 'discard', service, head!.id, '--reason', 'made by hand, not an event');
    if (run.code !== 0) throw new Error(`throughline parked discard: ${run.last}`);
    told.push(`${service}: ${head!.reason}, ${behind.length} behind`);
  }
  return { promised: [patient.promised], what: `junk parked and discarded (${told.join('; ')})` };
};

const strike = async ({ system, journal }: Bench): ReturnType<Fault['strike']> => {
  const mllp = new PersistentMllp(system.mllpPorts, 0, journal, () => Date.now() + 30_000);
  try {
    const repaired = await repairedAndReplayed(system, mllp);
    const junk = await discarded(system, mllp);
    return { from: Date.now(), what: `${repaired.what}; ${junk.what}`, promised: [...repaired.promised, ...junk.promised], problems: repaired.problems };
  } finally {
    mllp.close();
  }
};

/** In the middle of a patient's stream. */
export const poison: readonly Fault[] = [{ stand: 'one copy each', name: 'poison message', strike, senders: 'undisturbed' }];
