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
  /** Discharges by REST whose tasks fall due at this moment: a whole minute. */
  readonly fallsDue?: { readonly at: Date; readonly count: number };
}

export interface Streamed {
  readonly promised: readonly Promised[];
  /** Sent again because nobody answered. */
  readonly again: number;
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

/** A mixed stream: admissions, discharges on time and late, cancels, repeats, medicines. */
class DischargeStream {
  readonly #promised: Promised[] = [];
  readonly #failures: string[] = [];
  readonly #begun = Date.now();
  #again = 0;

  constructor(
    private readonly system: System,
    private readonly journal: SenderJournal,
    private readonly options: StreamOptions,
  ) {}

  async run(): Promise<Streamed> {
    const { count, overMs, fallsDue } = this.options;
    const stays = Array.from({ length: count }, (_, n) => {
      const cancelled = n % 10 === 3;
      const stay = new Stay(this.system, n % 6 === 5 ? LATE_HOURS : 1 + (n % 20));
      const discharge = stay.message('A03');
      const promised: Promised = { name: stay.mrn, controlId: discharge.split('|')[9]!, cancelled, medicines: [] };
      this.#promised.push(promised);
      return { n, stay, discharge, promised, at: this.#begun + (overMs * n) / count };
    });
    const byMllp = [...stays];
    const byRest = [...stays];
    await Promise.all([
      ...Array.from({ length: MLLP_LANES }, () => this.#mllpLane(byMllp)),
      ...Array.from({ length: REST_LANES }, () => this.#restLane(byRest)),
      ...(fallsDue ? [this.#fallingDue(fallsDue)] : []),
    ]);
    return { promised: this.#promised, again: this.#again, failures: this.#failures };
  }

  get #giveUpAt(): number {
    return this.#begun + this.options.overMs + this.options.patienceMs;
  }

  async #mllpLane(queue: { n: number; stay: Stay; discharge: string; promised: Promised; at: number }[]): Promise<void> {
    const mllp = new PersistentMllp(this.system.mllpPort, this.journal, this.#giveUpAt);
    try {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { n, stay, discharge, promised } = next;
        await delay(Math.max(0, next.at - Date.now()));
        await this.#try(async () => {
          if (n % 2 === 0) await mllp.send(stay.message('A01'));
          await mllp.send(discharge);
          if (promised.cancelled) await mllp.send(stay.message('A13', { recordedAt: hl7Time(new Date()) }));
          if (n % 7 === 2) await mllp.send(discharge);
        });
      }
    } finally {
      this.#again += mllp.again;
      mllp.close();
    }
  }

  async #restLane(queue: { stay: Stay; promised: Promised; at: number }[]): Promise<void> {
    const rest = new PersistentRest(this.system, this.#giveUpAt);
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { stay, promised } = next;
      await delay(Math.max(0, next.at - Date.now()));
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
    const rest = new PersistentRest(this.system, this.#giveUpAt);
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
