import { createWriteStream, type WriteStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { MllpClient } from '@throughline/testing/mllp-client';
import { HttpLanes } from './http-lanes.js';
import type { AdtResult, DrainResult, LoadSettings, OfferResult, Order, Progress, PushResult } from './load-protocol.js';
import { MllpLanes } from './mllp-lanes.js';
import { NoticeReader, type Notice } from './notice-reader.js';
import { spreadOf } from './percentiles.js';
import { Ward, type BenchDischarge, type Outgoing } from './ward.js';

/** Enough that what waits waits for the system, and not for a free connection. */
const MLLP_LANES = 48;
const REST_LANES = 128;
const TASKS = 5;
const TICK_MS = 4;

interface Awaited {
  readonly due: number;
  readonly measured: boolean;
  readonly tasks: Set<string>;
}

/** Latencies of one round of offering, in ms. */
interface Measured {
  readonly ack: number[];
  readonly rest: number[];
}

/** Sends discharges on a timetable and watches for their tasks. */
export class LoadGenerator {
  readonly #ward: Ward;
  readonly #mllp: MllpLanes;
  readonly #rest: HttpLanes;
  readonly #notices: NoticeReader;
  readonly #journal: WriteStream;
  readonly #awaited = new Map<string, Awaited>();
  #toTasks: number[] = [];
  #cut = false;
  #progress = { offered: 0, accepted: 0, done: 0, failed: 0 };

  constructor(private readonly settings: LoadSettings) {
    const url = new URL(settings.url);
    this.#ward = new Ward(settings.seed);
    this.#mllp = new MllpLanes(settings.mllpPort, MLLP_LANES);
    this.#rest = new HttpLanes(url, settings.senderToken, REST_LANES);
    this.#notices = new NoticeReader(url, settings.subscriberToken, (notice) => this.#see(notice));
    this.#journal = createWriteStream(settings.journal, { flags: 'a', mode: 0o600 });
  }

  begin(): Promise<void> {
    return this.#notices.open();
  }

  get progress(): Progress {
    return { ...this.#progress };
  }

  async end(): Promise<void> {
    this.#notices.stop();
    this.#rest.close();
    await this.#mllp.close();
    await new Promise<void>((resolve) => this.#journal.end(resolve));
  }

  async adt(connections: number, warmSeconds: number, seconds: number): Promise<AdtResult> {
    const begin = performance.now() + warmSeconds * 1_000;
    const end = begin + seconds * 1_000;
    const times: number[] = [];
    let failed = 0;
    const converse = async (): Promise<void> => {
      const client = await MllpClient.connect(this.settings.mllpPort);
      for (const message of this.#ward.admissions(() => new Date())) {
        const sent = performance.now();
        if (sent >= end) break;
        const { code } = await client.send(message.text);
        const answered = performance.now();
        if (code === 'AA') this.#note(message);
        else failed += 1;
        if (sent >= begin && answered <= end) times.push(answered - sent);
      }
      await client.close();
    };
    await Promise.all(Array.from({ length: connections }, converse));
    return { perSecond: times.length / seconds, ack: spreadOf(times), failed };
  }

  /** Whatever is being offered, no more of it. */
  cut(): void {
    this.#cut = true;
  }

  async offer(rate: number, seconds: number, skipSeconds: number): Promise<OfferResult> {
    const total = Math.max(1, Math.round(rate * seconds));
    const measured: Measured = { ack: [], rest: [] };
    const before = this.#progress.failed;
    const sendings: Promise<void>[] = [];
    const start = performance.now();
    this.#cut = false;
    let next = 0;
    while (next < total && !this.#cut) {
      const due = start + (next * 1_000) / rate;
      const now = performance.now();
      if (due > now) {
        await delay(Math.min(TICK_MS, due - now));
        continue;
      }
      sendings.push(this.#discharge(due, due - start >= skipSeconds * 1_000, measured));
      next += 1;
    }
    await Promise.all(sendings);
    return { offered: next, failed: this.#progress.failed - before, ack: spreadOf(measured.ack), rest: spreadOf(measured.rest) };
  }

  async push({ until, inFlight, discharges = Infinity, seconds = Infinity }: Extract<Order, { do: 'push' }>): Promise<PushResult> {
    const before = this.progress;
    const start = performance.now();
    const elapsed = (): number => (performance.now() - start) / 1_000;
    const finished = (): number => this.#progress[until] - before[until];
    const unmeasured: Measured = { ack: [], rest: [] };
    let half: { readonly at: number; readonly finished: number } | undefined;
    let offered = 0;
    let sending = 0;
    while (offered < discharges && elapsed() < seconds) {
      half ??= offered >= discharges / 2 || elapsed() >= seconds / 2 ? { at: elapsed(), finished: finished() } : undefined;
      if ((until === 'accepted' ? sending : Math.max(sending, this.#awaited.size)) >= inFlight) {
        await delay(1);
        continue;
      }
      offered += 1;
      sending += 1;
      void this.#discharge(performance.now(), false, unmeasured).finally(() => (sending -= 1));
    }
    const at = elapsed();
    const perSecond = (finished() - (half?.finished ?? 0)) / (at - (half?.at ?? 0));
    while (sending > 0) await delay(1);
    return { offered, failed: this.#progress.failed - before.failed, seconds: elapsed(), perSecond };
  }

  async drain(seconds: number): Promise<DrainResult> {
    const end = performance.now() + seconds * 1_000;
    while (this.#awaited.size > 0 && performance.now() < end) await delay(20);
    const result = { waiting: this.#awaited.size, toTasks: spreadOf(this.#toTasks) };
    this.#toTasks = [];
    return result;
  }

  async #discharge(due: number, measured: boolean, times: Measured): Promise<void> {
    const discharge = this.#ward.discharge(new Date());
    this.#awaited.set(discharge.correlationId, { due, measured, tasks: new Set() });
    this.#progress.offered += 1;
    const answers = await Promise.all([this.#admit(discharge, due, measured, times), ...discharge.prescriptions.map((one) => this.#prescribe(one, due, measured, times))]);
    const failed = answers.filter((good) => !good).length;
    this.#progress.failed += failed;
    if (failed === 0) this.#progress.accepted += 1;
  }

  async #admit({ a03, correlationId }: BenchDischarge, due: number, measured: boolean, { ack }: Measured): Promise<boolean> {
    if (!(await this.#mllp.send(a03.text))) {
      this.#awaited.delete(correlationId);
      return false;
    }
    if (measured) ack.push(performance.now() - due);
    this.#note(a03);
    return true;
  }

  async #prescribe(prescription: Outgoing, due: number, measured: boolean, { rest }: Measured): Promise<boolean> {
    const answer = await this.#rest.post('/api/intake/prescriptions', prescription.controlId, prescription.text).catch(() => undefined);
    if (answer?.status !== 202) return false;
    if (measured) rest.push(performance.now() - due);
    this.#note(prescription);
    return true;
  }

  #note({ sender, controlId, hash }: Outgoing): void {
    this.#journal.write(`${JSON.stringify({ controlId, sender, hash, at: new Date().toISOString() })}\n`);
  }

  #see({ type, taskId, correlationId }: Notice): void {
    if (type !== 'care.task.opened.v1') return;
    const awaited = this.#awaited.get(correlationId);
    if (!awaited) return;
    awaited.tasks.add(taskId);
    if (awaited.tasks.size < TASKS) return;
    this.#awaited.delete(correlationId);
    this.#progress.done += 1;
    if (awaited.measured) this.#toTasks.push(performance.now() - awaited.due);
  }
}
