import { setTimeout as delay } from 'node:timers/promises';
import { KafkaBus } from '@throughline/platform/bus/kafka-bus';
import { sessionOptions } from '@throughline/platform/persistence/database';
import pg from 'pg';
import { usageOf } from '../processes.js';
import { differences } from '../work/same-work.js';
import { quoted } from '../work/table-columns.js';
import { placesOf, WorkMark } from '../work/work-mark.js';
import { totalsOf, type Totals, type Work } from '../work/work.js';
import { PeerProcess } from './peer-process.js';

export type Rival = 'floor' | 'naive';

export interface ComparisonOptions {
  readonly rival: Rival;
  /** Of Throughline, per discharge. */
  readonly work: Work;
  readonly databaseUrl: string;
  readonly brokers: string;
  readonly servers: readonly { readonly name: string; readonly pid: number }[];
  /** Not measured: what was just started is slow. */
  readonly warmUp: number;
  readonly discharges: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface ComparisonResult {
  readonly discharges: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly totals: Totals;
  readonly walKb: number;
  /** PostgreSQL, Kafka and the five processes. */
  readonly cpuMsPerDischarge: number;
  /** Why the two must not be compared; empty when they did the same work. */
  readonly differences: readonly string[];
}

/** Discharges per second below which something does not answer. */
const SLOWEST: Readonly<Record<Rival, number>> = { floor: 50, naive: 1 };
const START_SECONDS = 60;
/** Readers know their new goal before the first message comes. */
const HEAD_START_MS = 200;

/** Runs another pipeline over the same work, on the same servers: five processes that write as many rows and messages. */
export class Comparison {
  readonly #bus: KafkaBus;
  readonly #client: pg.Client;
  readonly #peers: PeerProcess[] = [];

  private constructor(private readonly options: ComparisonOptions) {
    this.#bus = new KafkaBus({ brokers: [options.brokers], clientId: 'throughline-bench' });
    this.#client = new pg.Client({ connectionString: options.databaseUrl });
    this.#client.on('error', () => undefined);
  }

  static async run(options: ComparisonOptions): Promise<ComparisonResult> {
    const comparison = new Comparison(options);
    const giveUp = (): void => comparison.#stop();
    options.signal.addEventListener('abort', giveUp);
    const seconds = START_SECONDS + (options.warmUp + options.discharges) / SLOWEST[options.rival];
    let tooLate = false;
    const late = setTimeout(() => {
      tooLate = true;
      giveUp();
    }, seconds * 1_000);
    try {
      return await comparison.#run();
    } catch (error) {
      options.signal.throwIfAborted();
      throw tooLate ? new Error(`not done after ${seconds.toFixed(0)} s`) : error;
    } finally {
      clearTimeout(late);
      options.signal.removeEventListener('abort', giveUp);
      await Promise.all(comparison.#peers.map((peer) => peer.stop()));
      await comparison.#client.end();
      await comparison.#bus.close();
    }
  }

  async #run(): Promise<ComparisonResult> {
    const { rival, databaseUrl, work, warmUp, discharges, say } = this.options;
    await this.#client.connect();
    await this.#makeRoom();
    for (const { service } of work) this.#peers.push(new PeerProcess(rival, `${rival} ${service}`));
    await this.#prepare();
    say(`  ${rival}: five processes are up, warming up with ${warmUp} discharges ...`);
    await this.#go(warmUp);
    // Tables that grew to what they are, and a log with room: what comes next is not the housekeeping of what came before.
    await this.#client.query('checkpoint');
    const mark = await WorkMark.set(databaseUrl, this.#bus, placesOf(rival));
    say(`  ${rival}: ${discharges} discharges as fast as it goes ...`);
    const [wal, cpu] = [await this.#wal(), this.#cpu()];
    const seconds = await this.#go(discharges);
    const [walKb, cpuMs] = [((await this.#wal()) - wal) / 1_024, (this.#cpu() - cpu) * 1_000];
    const totals = totalsOf(await mark.work(discharges));
    return { discharges, seconds, perSecond: discharges / seconds, totals, walKb: walKb / discharges, cpuMsPerDischarge: cpuMs / discharges, differences: differences(totalsOf(work), totals) };
  }

  /** Tables like the product's, with their indexes, and topics of its own. */
  async #makeRoom(): Promise<void> {
    const { rival, work } = this.options;
    for (const { service, schema } of placesOf(rival)) {
      await this.#client.query(`drop schema if exists ${pg.escapeIdentifier(schema)} cascade; create schema ${pg.escapeIdentifier(schema)}`);
      const theirs = placesOf('').find((place) => place.service === service)!.schema;
      for (const { table } of work.find((one) => one.service === service)!.tables) {
        const like = quoted(theirs, table);
        const { rows } = await this.#client.query<{ settings: string | null }>(`select array_to_string(reloptions, ', ') as settings from pg_class where oid = $1::regclass`, [like]);
        const settings = rows[0]?.settings ? `with (${rows[0].settings})` : '';
        await this.#client.query(`create table ${quoted(schema, table)} (like ${like} including all excluding identity) ${settings}`);
      }
    }
    await this.#bus.ensureTopics(placesOf(rival).map(({ topic }) => topic));
  }

  async #prepare(): Promise<void> {
    const { rival, work, databaseUrl, brokers } = this.options;
    const places = placesOf(rival);
    const messagesOf = new Map(work.map(({ service, topic }) => [service, topic.messages]));
    await Promise.all(
      work.map((one, index) => {
        const { schema, topic } = places.find(({ service }) => service === one.service)!;
        const reads = one.reads.map((service) => ({ topic: places.find((place) => place.service === service)!.topic, messages: messagesOf.get(service) ?? 0 }));
        return this.#peers[index]!.ask({ do: 'prepare', setup: { work: one, schema, topic, reads, databaseUrl, brokers, sessionOptions: sessionOptions(schema) } });
      }),
    );
  }

  /** From the first write of the first service until all five have finished everything, in seconds. */
  async #go(discharges: number): Promise<number> {
    const go = (reading: boolean): Promise<void>[] => this.#peers.filter((_, index) => this.options.work[index]!.reads.length > 0 === reading).map((peer) => peer.ask({ do: 'go', discharges }));
    const readers = go(true);
    await Promise.race([delay(HEAD_START_MS), ...readers]);
    const begun = performance.now();
    await Promise.all([...readers, ...go(false)]);
    return (performance.now() - begun) / 1_000;
  }

  async #wal(): Promise<number> {
    const { rows } = await this.#client.query<{ wal: number }>(`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal`);
    return rows[0]!.wal;
  }

  #cpu(): number {
    const usage = usageOf([...this.options.servers, ...this.#peers], new Set(['postgres']));
    return [...usage.values()].reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  }

  #stop(): void {
    for (const peer of this.#peers) void peer.stop();
  }
}
