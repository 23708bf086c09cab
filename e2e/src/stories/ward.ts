import { SERVICES } from '@throughline/contracts/define-event';
import { adt, hl7Time, type AdtOptions, type AdtTrigger } from '@throughline/testing/hl7-builder';
import { MllpClient, type Acknowledgement } from '@throughline/testing/mllp-client';
import { eventually, type System } from '@throughline/testing/system';

export interface TaskRow {
  readonly id: string;
  readonly version: number;
  readonly stepId: string;
  readonly status: 'open' | 'overdue' | 'completed' | 'withdrawn';
  readonly patientId: string;
  readonly episodeId: string;
  readonly dischargeId: string;
  readonly correlationId: string;
  readonly dueAt: string;
  readonly assignee: string | null;
  readonly outcomes: readonly { code: string }[];
  readonly outcome: { code: string } | null;
  readonly why: { because: { eventType: string; eventId: string }; protocol: { id: string }; deadline: { rule: string; zone: string; calendar: string } };
}
/** An inbound message, as operators see it. */
export interface Recorded {
  readonly controlId: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly arrivals: number;
  readonly dischargeId: string | null;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

const HOUR = 3_600_000;
let numbers = Math.floor(Math.random() * 1_000_000_000);

/** A made-up patient in a made-up ward, whose hospital sends HL7 v2 to the system under test. */
export class Stay {
  readonly #n = ++numbers;
  #messages = 0;
  readonly family = `Story${this.#n}`;
  readonly mrn = String(this.#n);
  readonly visit = `V${this.#n}`;
  /** One moment for all its messages: a hospital that repeats a discharge does not move it. */
  readonly leftAt: Date;

  constructor(
    readonly system: System,
    leftHoursAgo = 1,
  ) {
    this.leftAt = new Date(Math.floor((Date.now() - leftHoursAgo * HOUR) / 1000) * 1000);
  }


  message(trigger: AdtTrigger, options: AdtOptions = {}): string {
    const left = options.dischargedAt ?? hl7Time(this.leftAt);
    return adt(trigger, {
      mrn: this.mrn,
      visit: this.visit,
      family: this.family,
      controlId: `${this.#n}-${++this.#messages}`,
      admittedAt: hl7Time(new Date(this.leftAt.getTime() - 72 * HOUR)),
      recordedAt: trigger === 'A01' ? hl7Time(new Date(this.leftAt.getTime() - 72 * HOUR)) : left,
      sentAt: hl7Time(new Date()),
      ...(trigger === 'A03' ? { dischargedAt: left, disposition: '01', diagnoses: ['I50.9', 'E11.9', 'N18.3'] } : {}),
      ...options,
    });
  }

  async send(message: string): Promise<Acknowledgement> {
    const client = await MllpClient.connect(this.system.mllpPort);
    try {
      return await client.send(message);
    } finally {
      client.socket.destroy();
    }
  }

  async sent(trigger: AdtTrigger, options: AdtOptions = {}): Promise<void> {
    const answer = await this.send(this.message(trigger, options));
    if (answer.code !== 'AA') throw new Error(`${trigger} was answered ${answer.code}: ${answer.text}`);
  }

  /** The internal id, once care-plan has heard of the patient. */
  patientId(): Promise<string> {
    return eventually(`care-plan knows ${this.family}`, async () => (await this.system.get<Page<{ id: string }>>(`/api/care-plan/patients?query=${this.family}`)).items[0]?.id);
  }

  /** What intake recorded of this stay's messages, in the order they were made; waits until so many are decided. */
  outcomes(count: number): Promise<readonly Recorded[]> {
    return eventually(`${count} outcomes of ${this.family}`, async () => {
      const { items } = await this.system.get<Page<Recorded>>('/api/intake/inbound?limit=200', 'operator');
      const mine = items.filter(({ controlId }) => controlId.startsWith(`${this.#n}-`));
      if (mine.length !== count || mine.some(({ outcome }) => outcome === 'pending')) throw new Error(mine.map(({ controlId, outcome }) => `${controlId} ${outcome}`).join(', ') || 'none');
      return mine.sort((a, b) => Number(a.controlId.split('-')[1]) - Number(b.controlId.split('-')[1]));
    });
  }

  async tasks(status = 'all'): Promise<readonly TaskRow[]> {
    return (await this.system.get<Page<TaskRow>>(`/api/care-plan/tasks?status=${status}&patient=${await this.patientId()}&limit=200`)).items;
  }

  /** Waits until the tasks are as wanted, and answers them. */
  tasksWhen(what: string, wanted: (tasks: readonly TaskRow[]) => boolean): Promise<readonly TaskRow[]> {
    return eventually(what, async () => {
      const tasks = await this.tasks();
      if (!wanted(tasks)) throw new Error(tasks.map((task) => `${task.stepId} ${task.status}`).join(', ') || 'no tasks');
      return tasks;
    });
  }

  async episodes(status = 'all'): Promise<readonly { id: string; status: string; dischargeId: string }[]> {
    return (await this.system.get<Page<{ id: string; status: string; dischargeId: string }>>(`/api/care-plan/episodes?kind=transition&status=${status}&patient=${await this.patientId()}`)).items;
  }

  async of<T>(path: string): Promise<readonly T[]> {
    return (await this.system.get<Page<T>>(`${path}${path.includes('?') ? '&' : '?'}patient=${await this.patientId()}`)).items;
  }
}

/** Waits until no service has anything left to do, twice in a row: what has not happened by then does not happen. */
export const quiet = (system: System): Promise<unknown> => {
  let before = false;
  return eventually('quiet', async () => {
    const left = await Promise.all(SERVICES.map((service) => system.get<Record<string, number>>(`/api/${service}/ledger/quiet`, 'operator')));
    const now = left.every(({ parked: _parked, ...work }) => Object.values(work).every((count) => count === 0));
    const twice = before && now;
    before = now;
    return twice;
  });
};

export const STEPS = ['book-visit', 'contact', 'obtain-summary', 'reconcile', 'visit'];
export const stepsOf = (tasks: readonly TaskRow[]): readonly string[] => tasks.map((task) => task.stepId).sort();
export const states = (tasks: readonly TaskRow[]): Record<string, string> => Object.fromEntries(tasks.map((task) => [task.stepId, task.status]));
export const fiveOpen = (tasks: readonly TaskRow[]): boolean => tasks.length === 5 && tasks.every((task) => task.status === 'open' || task.status === 'overdue');
