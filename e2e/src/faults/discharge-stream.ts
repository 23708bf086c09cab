import { setTimeout as delay } from 'node:timers/promises';
import { hl7Time } from '@throughline/testing/hl7-builder';
import type { System } from '@throughline/testing/system';
import { Stay } from '../stories/ward.js';
import { PersistentMllp, PersistentRest, SendFailure } from './retried-senders.js';
import type { SenderJournal } from './sender-journal.js';

const MLLP_LANES = 6;
const REST_LANES = 4;
const PRESCRIPTIONS = 2;
/** Late enough that contact, booking and summary are overdue at birth, early enough not to count as an old message. */
const LATE_HOURS = 8 * 24;
const HOUR = 3_600_000;
const SENDER = 'WARDS';
const LATER_PACE_MS = 300;

/** What a sender was promised about one discharge. */
export interface Promised {
  readonly name: string;
  /** Of its A03; undefined for one that came by REST. */
  readonly controlId?: string;
  /** Of its REST call. */
  inboundId?: string;
  readonly cancelled: boolean;
  readonly medicines: string[];
}

export interface StreamOptions {
  readonly count: number;
  /** The sending is spread over this time, longer when something is down. */
  readonly overMs: number;
  /** From now on, how long one message may be tried again. */
  readonly patienceMs: number;
  /** After `count` it goes on, slower, for as long as this says so. */
  readonly goOn: () => boolean;
  /** Discharges by REST whose tasks fall due at this moment: a whole minute. */
  readonly fallsDue?: { readonly at: Date; readonly count: number };
}

export interface Streamed {
  readonly promised: readonly Promised[];
  /** Sent again because nobody answered. */
  readonly again: number;
  /** Of those, HL7 messages that were answered "not stored". */
  readonly refused: number;
  /** The longest that an HL7 sender waited from its first try to its AA. */
  readonly slowestMs: number;
  readonly failures: readonly string[];
}

/** `+HH:MM`: the fixed offset in which the day ends at this moment. */
const zoneWhoseDayEndsAt = (at: Date): string => {
  const minutes = (24 * 60 - (at.getUTCHours() * 60 + at.getUTCMinutes())) % (24 * 60);
  const east = minutes > 12 * 60 ? minutes - 24 * 60 : minutes;
  const size = Math.abs(east);
  return `${east < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
};

const patientOf = (stay: Stay) => ({ identifiers: [{ value: stay.mrn, authority: 'NSH' }], family: stay.family, given: 'Avery', birthDate: '1951-04-07' });

interface Arrival {
  readonly n: number;
  readonly stay: Stay;
  readonly discharge: string;
  readonly promised: Promised;
  /** Epoch ms. */
  readonly at: number;
}

/** A mixed stream: admissions, discharges on time and late, cancels, repeats, medicines. */
class DischargeStream {
  readonly #promised: Promised[] = [];
  readonly #failures: string[] = [];
  readonly #begun = Date.now();
  readonly #arrivals: Arrival[] = [];
  #lastOn = 0;
  #again = 0;
  #refused = 0;
  #slowestMs = 0;

  constructor(
    private readonly system: System,
    private readonly journal: SenderJournal,
    private readonly options: StreamOptions,
  ) {}

  async run(): Promise<Streamed> {
    const { fallsDue } = this.options;
    const byMllp = this.#queue();
    const byRest = this.#queue();
    await Promise.all([
      ...Array.from({ length: MLLP_LANES }, (_, lane) => this.#mllpLane(lane, byMllp)),
      ...Array.from({ length: REST_LANES }, () => this.#restLane(byRest)),
      ...(fallsDue ? [this.#fallingDue(fallsDue)] : []),
    ]);
    return { promised: this.#promised, again: this.#again, refused: this.#refused, slowestMs: this.#slowestMs, failures: this.#failures };
  }

  /** Hands out the arrivals one by one; they are made when somebody first asks for them. */
  #queue(): () => Arrival | undefined {
    let next = 0;
    return () => {
      if (next >= this.#arrivals.length && next >= this.options.count && !this.options.goOn()) return undefined;
      const arrival = this.#arrivals[next] ?? this.#arrive(next);
      next += 1;
      return arrival;
    };
  }

  #arrive(n: number): Arrival {
    const { count, overMs } = this.options;
    const cancelled = n % 10 === 3;
    const stay = new Stay(this.system, n % 6 === 5 ? LATE_HOURS : 1 + (n % 20));
    const discharge = stay.message('A03');
    const promised: Promised = { name: stay.mrn, controlId: discharge.split('|')[9]!, cancelled, medicines: [] };
    this.#promised.push(promised);
    const at = this.#begun + (n < count ? (overMs * n) / count : overMs + (n - count) * LATER_PACE_MS);
    const arrival = { n, stay, discharge, promised, at };
    this.#arrivals.push(arrival);
    return arrival;
  }

  get #giveUpAt(): number {
    const { overMs, goOn, patienceMs } = this.options;
    // While the fault lasts, its own end is what counts.
    if (goOn()) this.#lastOn = Date.now();
    return Math.max(this.#begun + overMs, this.#lastOn) + patienceMs;
  }

  async #mllpLane(lane: number, next: () => Arrival | undefined): Promise<void> {
    const mllp = new PersistentMllp(this.system.mllpPorts, lane, this.journal, () => this.#giveUpAt);
    try {
      for (let arrival = next(); arrival; arrival = next()) {
        const { n, stay, discharge, promised, at } = arrival;
        await delay(Math.max(0, at - Date.now()));
        await this.#try(async () => {
          if (n % 2 === 0) await mllp.send(stay.message('A01'));
          await mllp.send(discharge);
          if (promised.cancelled) await mllp.send(stay.message('A13', { recordedAt: hl7Time(new Date()) }));
          if (n % 7 === 2) await mllp.send(discharge);
        });
      }
    } finally {
      this.#again += mllp.again;
      this.#refused += mllp.refused;
      this.#slowestMs = Math.max(this.#slowestMs, mllp.slowestMs);
      mllp.close();
    }
  }

  async #restLane(next: () => Arrival | undefined): Promise<void> {
    const rest = new PersistentRest(this.system, () => this.#giveUpAt);
    for (let arrival = next(); arrival; arrival = next()) {
      const { stay, promised, at } = arrival;
      await delay(Math.max(0, at - Date.now()));
      for (let n = 0; n < PRESCRIPTIONS; n += 1) {
        const order = `RX-${stay.mrn}-${n}`;
        const body = { sender: SENDER, messageId: order, patient: patientOf(stay), encounter: { visitNumber: stay.visit }, orderId: order, medicine: { text: `Synthetic medicine ${n + 1} 10 mg tablet` } };
        await this.#try(async () => void promised.medicines.push((await rest.post('/api/intake/prescriptions', order, body)).inboundId));
      }
    }
    this.#again += rest.again;
  }

  /** Discharged two days ago by a clock in whose zone today ends at that moment: the summary is due then. */
  async #fallingDue({ at, count }: { at: Date; count: number }): Promise<void> {
    const rest = new PersistentRest(this.system, () => this.#giveUpAt);
    for (let n = 0; n < count; n += 1) {
      const stay = new Stay(this.system);
      const promised: Promised = { name: `${stay.mrn} (falls due)`, cancelled: false, medicines: [] };
      const body = {
        sender: SENDER, messageId: `D-${stay.mrn}`, patient: patientOf(stay), dischargedAt: new Date(at.getTime() - 52 * HOUR).toISOString(), disposition: '01',
        encounter: { visitNumber: stay.visit, class: 'I', facility: { code: 'NORTHSHORE' }, facilityZone: zoneWhoseDayEndsAt(at) },
      };
      await this.#try(async () => {
        promised.inboundId = (await rest.post('/api/intake/discharges', `D-${stay.mrn}`, body)).inboundId;
        this.#promised.push(promised);
      });
    }
    this.#again += rest.again;
  }

  async #try(send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      if (!(error instanceof SendFailure)) throw error;
      this.#failures.push(error.message);
    }
  }
}

export const streamDischarges = (system: System, journal: SenderJournal, options: StreamOptions): Promise<Streamed> => new DischargeStream(system, journal, options).run();
