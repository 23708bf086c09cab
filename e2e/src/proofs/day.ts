import type { Service } from '@throughline/contracts/define-event';
import { idOf } from '@throughline/kernel/ids';
import { adt, hl7Time, type AdtOptions, type AdtTrigger } from '@throughline/testing/hl7-builder';
import { MllpClient } from '@throughline/testing/mllp-client';
import type { Role } from '@throughline/testing/system';
import type { FiveServices } from './five-services.js';

const HOUR_MS = 3_600_000;

interface Task {
  readonly id: string;
  readonly version: number;
  readonly stepId: string;
  readonly status: string;
  readonly dischargeId: string;
}
interface Versioned {
  readonly id: string;
  readonly version: number;
  readonly status: string;
  readonly window: { readonly from: string };
}
interface Page<T> {
  readonly items: readonly T[];
}

/** A made-up patient, what the hospital says of them, and what people here do for them. */
class Patient {
  #messages = 0;
  readonly mrn: string;

  constructor(
    private readonly five: FiveServices,
    private readonly client: MllpClient,
    readonly n: number,
    readonly hoursAgo = 2,
  ) {
    this.mrn = String(510_000 + n);
  }

  /** So many hours from now; negative: ago. */
  at(hours: number): Date {
    return new Date(this.five.clock.now().getTime() + hours * HOUR_MS);
  }

  message(trigger: AdtTrigger, options: AdtOptions = {}, hours = -this.hoursAgo): string {
    const left = hl7Time(this.at(hours));
    this.#messages += 1;
    return adt(trigger, {
      mrn: this.mrn, visit: `V${this.mrn}`, family: `Replayed${this.n}`, controlId: `${this.mrn}-${this.#messages}`,
      admittedAt: hl7Time(this.at(-this.hoursAgo - 72)), recordedAt: trigger === 'A01' ? hl7Time(this.at(hours - 72)) : left, sentAt: hl7Time(this.at(0)),
      ...(trigger === 'A03' ? { dischargedAt: left, disposition: '01', diagnoses: ['I50.9', 'E11.9'] } : {}),
      ...options,
    });
  }

  async sends(message: string): Promise<void> {
    const { code, text } = await this.client.send(message);
    if (code !== 'AA') throw new Error(`Patient ${this.n} was answered ${code}: ${text}`);
  }

  says(trigger: AdtTrigger, options: AdtOptions = {}, hours = -this.hoursAgo): Promise<void> {
    return this.sends(this.message(trigger, options, hours));
  }

  async post(service: Service, path: string, as: Role, body: unknown, headers: Record<string, string> = {}): Promise<void> {
    const key = idOf('key', this.mrn, service, path, JSON.stringify(body));
    const answer = await this.five.call<unknown>(service, 'POST', path, as, { body, headers: { 'idempotency-key': key, ...headers } });
    if (answer.status >= 300) throw new Error(`POST ${path} for patient ${this.n}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  get identity() {
    return { identifiers: [{ value: this.mrn, authority: 'NSH' }], family: `Replayed${this.n}`, given: 'Robin', birthDate: '1950-01-01' };
  }

  prescribed(order: string, text: string, messageId = order): Promise<void> {
    return this.post('intake', '/prescriptions', 'sender', { sender: 'PHARMACY', messageId, patient: this.identity, encounter: { visitNumber: `V${this.mrn}` }, orderId: order, medicine: { text } });
  }

  discharged(messageId: string, more: Record<string, unknown> = {}, hours = -this.hoursAgo): Promise<void> {
    const encounter = { visitNumber: `V${this.mrn}`, class: 'I', facility: { code: 'NORTHSHORE' }, facilityZone: 'America/New_York' };
    return this.post('intake', '/discharges', 'sender', { sender: 'CLINIC', messageId, patient: this.identity, encounter, dischargedAt: this.at(hours).toISOString(), disposition: '01', ...more });
  }

  async id(): Promise<string> {
    const { body } = await this.five.call<Page<{ id: string }>>('care-plan', 'GET', `/patients?query=Replayed${this.n}`, 'coordinator');
    return body.items[0]!.id;
  }

  async tasks(): Promise<readonly Task[]> {
    return (await this.five.call<Page<Task>>('care-plan', 'GET', `/tasks?status=all&patient=${await this.id()}&limit=200`, 'coordinator')).body.items;
  }

  async #open(step: string): Promise<Task> {
    const tasks = await this.tasks();
    const found = tasks.find((task) => task.stepId === step && (task.status === 'open' || task.status === 'overdue'));
    if (!found) throw new Error(`Patient ${this.n} has no open ${step}: ${tasks.map((task) => `${task.stepId} ${task.status}`).join(', ')}`);
    return found;
  }

  async claims(step: string, as: Role = 'nurse'): Promise<void> {
    const task = await this.#open(step);
    await this.post('care-plan', `/tasks/${task.id}/claim`, as, {}, { 'if-match': `"${task.version}"` });
  }

  async completes(step: string, outcome: string, as: Role = 'coordinator'): Promise<void> {
    const task = await this.#open(step);
    await this.post('care-plan', `/tasks/${task.id}/complete`, as, { outcome, note: `Made up, for patient ${this.n}` }, { 'if-match': `"${task.version}"` });
  }

  async contacted(outcome: 'reached' | 'no-answer', hours = 0): Promise<void> {
    await this.post('care-plan', '/contacts', 'nurse', { patientId: await this.id(), at: this.at(hours).toISOString(), mode: 'telephone', with: 'patient', outcome });
  }

  async attests(): Promise<void> {
    const { body } = await this.five.call<Page<Versioned>>('medication-reconciliation', 'GET', `/reconciliations?status=open&patient=${await this.id()}`, 'pharmacist');
    const [open] = body.items;
    await this.post('medication-reconciliation', `/reconciliations/${open!.id}/complete`, 'pharmacist', { note: 'Compared' }, { 'if-match': `"${open!.version}"` });
  }

  async books(day = 1): Promise<void> {
    const { body } = await this.five.call<Page<Versioned>>('scheduling', 'GET', `/follow-ups?patient=${await this.id()}`, 'coordinator');
    const wanted = body.items.find((one) => one.status !== 'withdrawn')!;
    const at = new Date(Date.parse(`${wanted.window.from}T16:00:00Z`) + day * 24 * HOUR_MS).toISOString();
    await this.post('scheduling', `/follow-ups/${wanted.id}/book`, 'coordinator', { at, mode: 'in-person' }, { 'if-match': `"${wanted.version}"` });
  }
}

/**
 * A day on the wards and the two after it: discharges, repeats, corrections, cancels before and after somebody had begun,
 * new discharges after a cancel, medicines, contacts, completions, attested reconciliations, bookings, a readmission, a
 * death, and time that passes. Answers the patients it was about.
 */
export const playDay = async (five: FiveServices): Promise<readonly Patient[]> => {
  const client = await MllpClient.connect(five.mllpPort);
  const patients = Array.from({ length: 10 }, (_, i) => new Patient(five, client, i + 1, i === 4 ? 20 * 24 : i === 5 ? 40 * 24 : 2));
  const [worked, cancelled, begun, early, late, backdated, byRest, elsewhere, back, died] = patients as [Patient, Patient, Patient, Patient, Patient, Patient, Patient, Patient, Patient, Patient];

  // Morning: everybody leaves; one message comes twice, one cancel comes before what it cancels.
  const first = worked.message('A03');
  await worked.says('A01');
  await worked.sends(first);
  await worked.sends(first);
  const overtaken = early.message('A03');
  await early.says('A01');
  await early.says('A13', {}, -1);
  await early.sends(overtaken);
  for (const one of [cancelled, begun, late, backdated, back, died]) await one.says('A03');
  await byRest.prescribed('RX-1', 'Furosemide 40 mg tablet');
  await byRest.discharged('d-1');
  await byRest.discharged('d-1');
  await byRest.prescribed('RX-2', 'Apixaban 5 mg tablet');
  await elsewhere.says('A03', { disposition: '02' });
  for (const order of ['RX-11', 'RX-12', 'RX-13']) await worked.prescribed(order, `Medicine of ${order}`);
  await five.advance(HOUR_MS / 10);

  // Work begins, and the wards correct themselves.
  await worked.contacted('no-answer', -1);
  await worked.contacted('reached');
  await worked.attests();
  await worked.books();
  await worked.completes('obtain-summary', 'received');
  await begun.claims('contact');
  await back.claims('visit', 'coordinator');
  await byRest.books(2);
  await late.contacted('reached', -1);
  await five.advance(HOUR_MS / 10);
  await worked.says('A03', { diagnoses: ['J44.1'], disposition: '06' }, -1);
  await worked.says('A08', { phone: '555-0199', given: 'Morgan' });
  await worked.prescribed('RX-11', 'Medicine of RX-11, stronger', 'RX-11 again');
  await cancelled.says('A13', {}, -1);
  await begun.says('A13', {}, -1);
  await early.says('A03', { controlId: `${early.mrn}-new` }, -0.5);
  await byRest.discharged('d-2', { diagnoses: [{ code: 'I10' }], disposition: '06' }, -1);
  await byRest.prescribed('RX-3', 'Insulin glargine');
  await elsewhere.says('A03', { disposition: '01' });
  await five.advance(HOUR_MS / 10);

  // Afternoon: a new discharge after a cancel, a cancel after a correction, somebody comes back, somebody dies.
  await cancelled.says('A03', {}, -0.25);
  await five.quiet();
  await cancelled.contacted('reached');
  await cancelled.says('A03', { diagnoses: ['N18.3'] }, -0.2);
  await byRest.attests();
  await back.says('A01', { visit: `V${back.mrn}-2`, admittedAt: hl7Time(back.at(-0.5)), recordedAt: hl7Time(back.at(-0.5)) });
  await died.says('A08', { deceased: 'Y', diedAt: hl7Time(died.at(-0.2)) });
  await five.quiet();

  // The days after: due times pass, what is late climbs its ladder, and some of it is done.
  await five.advance(30 * HOUR_MS);
  await back.says('A03', { visit: `V${back.mrn}-2`, admittedAt: hl7Time(back.at(-30)), dischargedAt: hl7Time(back.at(-1)) }, -1);
  await elsewhere.contacted('no-answer', -1);
  await five.advance(90 * HOUR_MS);
  await elsewhere.contacted('reached');
  await begun.completes('review-cancelled-discharge', 'reviewed');
  await byRest.completes('contact', 'declined');
  await late.says('A13', {}, -1);
  await five.quiet();
  await elsewhere.says('A13', {}, -1);
  await five.quiet();
  client.socket.destroy();
  return patients;
};
