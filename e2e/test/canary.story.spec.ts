import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { idOf } from '@throughline/kernel/ids';
import { hl7Time } from '@throughline/testing/hl7-builder';
import { MllpClient } from '@throughline/testing/mllp-client';
import { OtlpReceiver } from '@throughline/testing/otlp-receiver';
import { smtpPeer, type SmtpPeer } from '@throughline/testing/smtp-peer';
import { eventually, System, throughline, type Role } from '@throughline/testing/system';
import pg from 'pg';
import { CANARY, canariesIn, filesWithCanaries, tablesWithCanaries, type Canary } from '../src/proofs/canaries.js';
import { fiveOpen, Stay, type Page, type TaskRow } from '../src/stories/ward.js';

const SERVICES = ['intake', 'care-plan', 'medication-reconciliation', 'scheduling', 'notification'];
const NAMES = ['account', 'family', 'given', 'mrn', 'phone'];
/** Who the patient is, and what was heard: in the tables that exist for it. */
const PERSON: readonly Canary[] = ['family', 'given', 'mrn', 'phone', 'unreadable'];
const ALLOWED: Readonly<Record<string, readonly Canary[]>> = {
  'intake.inbound': Object.keys(CANARY) as Canary[],
  'intake.patient': PERSON,
  'intake.identifier': ['mrn'],
  'intake.encounter': ['account', 'diagnosis'],
  'intake.discharge': ['diagnosis'],
  'intake.prescription': ['medicine', 'directions'],
  // The topic that only the services may read; parked rows hold its messages whole.
  'bus.record intake': [...PERSON, 'diagnosis', 'medicine', 'directions', 'parked'],
  ...Object.fromEntries(['care_plan', 'medication_reconciliation', 'scheduling', 'notification'].map((schema) => [`${schema}.parked`, ['parked']] as const)),
  ...Object.fromEntries(['care_plan', 'medication_reconciliation', 'scheduling'].map((schema) => [`${schema}.patient`, PERSON] as const)),
  'medication_reconciliation.medication_line': ['medicine', 'directions'],
  'medication_reconciliation.reconciliation': ['reconciliationNote'],
  // What people wrote, and the page that shows it to them; a note may hold a name.
  'care_plan.contact': ['contactNote', 'family'],
  'care_plan.task': ['taskNote'],
  'care_plan.history': ['contactNote', 'taskNote', 'family'],
};
const HOUR_MS = 3_600_000;

interface Versioned {
  readonly id: string;
  readonly version: number;
}

/** A stay whose every free value is a canary. */
class CanaryStay extends Stay {
  canary(trigger: 'A01' | 'A03' | 'A08' | 'A13', more: Parameters<Stay['message']>[1] = {}): string {
    const text = this.message(trigger, {
      mrn: CANARY.mrn, family: CANARY.family, given: CANARY.given, phone: CANARY.phone, account: CANARY.account,
      moreIdentifiers: [`${CANARY.ssn}^^^USSSA^SS`],
      moreSegments: [`NK1|1|${CANARY.kin}^Robin|SPO`, `OBX|1|TX|1^Note||${CANARY.observation}||||||F`, `NTE|1||${CANARY.comment}`],
      ...more,
    });
    return text
      .replaceAll('Synthetic diagnosis', CANARY.diagnosis)
      .split('\r')
      .map((segment) => (segment.startsWith('PID') ? segment.split('|').map((field, i) => (i === 11 ? `1 ${CANARY.street}^^Town` : field)).join('|') : segment))
      .join('\r');
  }
}

describe('a name stays where it belongs', () => {
  let system: System;
  let mail: SmtpPeer;
  let collector: OtlpReceiver;
  let database: pg.Client;
  const streamed: string[] = [];
  const errors: string[] = [];
  let stream: IncomingMessage;

  const call = async (method: string, path: string, as: Role, body?: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown; text: string }> => {
    const answer = await system.call<unknown>(method, path, { as, body, headers: { 'idempotency-key': randomUUID(), ...headers } });
    return { status: answer.status, body: answer.body, text: JSON.stringify([answer.body, [...answer.headers]]) };
  };
  const done = async (path: string, as: Role, body: unknown, version?: number, key: string = randomUUID()): Promise<void> => {
    const answer = await call('POST', path, as, body, { 'idempotency-key': key, ...(version === undefined ? {} : { 'if-match': `"${version}"` }) });
    if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
  };
  /** Everything of a list that this role may see. */
  const listed = async (path: string, as: Role): Promise<string> => {
    let text = '';
    for (let cursor = ''; ; ) {
      const page = await call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=200${cursor}`, as);
      expect(page.status).toBe(200);
      text += page.text;
      const next = (page.body as { nextCursor?: string | null }).nextCursor;
      if (!next) return text;
      cursor = `&${/ledger|notices/.test(path) ? 'after' : 'cursor'}=${encodeURIComponent(next)}`;
    }
  };
  const mllp = async (message: string | Buffer): Promise<string> => {
    const client = await MllpClient.connect(system.mllpPort);
    try {
      return (await client.send(message)).raw;
    } finally {
      client.socket.destroy();
    }
  };

  /** What goes wrong with patients' data in it: each is refused, and its answer kept for the look at the end. */
  const goWrong = async (stay: CanaryStay, tasks: readonly TaskRow[]): Promise<void> => {
    const identity = { identifiers: [{ value: CANARY.mrn }], family: CANARY.family, given: CANARY.given };
    const wrong: readonly [string, string, Role, unknown][] = [
      ['POST', '/api/intake/discharges', 'coordinator', { sender: 'CLINIC', patient: { ...identity, birthDate: CANARY.wrongField }, encounter: { facility: { code: 'N' } }, dischargedAt: CANARY.wrongField }],
      ['POST', '/api/intake/discharges', 'coordinator', `{"sender": "${CANARY.wrongField}", "patient": ${CANARY.family}`],
      ['POST', '/api/intake/prescriptions', 'coordinator', { sender: 'CLINIC', patient: { ...identity, identifiers: [{ value: CANARY.mrn, type: 'SS' }] }, medicine: { text: CANARY.medicine } }],
      ['POST', '/api/care-plan/contacts', 'nurse', { patientId: CANARY.wrongField, at: CANARY.wrongField, mode: CANARY.wrongField, with: 'patient', outcome: 'reached', note: CANARY.contactNote }],
      ['POST', `/api/care-plan/tasks/${tasks[0]!.id}/complete`, 'nurse', { outcome: CANARY.wrongField, note: CANARY.taskNote }],
      ['POST', `/api/care-plan/tasks/${CANARY.wrongField}/complete`, 'nurse', { outcome: 'reached' }],
      ['GET', `/api/care-plan/tasks?patient=${CANARY.asked}`, 'nurse', undefined],
      ['GET', `/api/care-plan/tasks?cursor=${CANARY.asked}&status=${CANARY.asked}&family=x`, 'nurse', undefined],
      ['GET', `/api/care-plan/patients/${CANARY.asked}`, 'nurse', undefined],
      ['GET', `/api/care-plan/${CANARY.asked}/x`, 'nurse', undefined],
      ['GET', `/api/${CANARY.asked}?x=${CANARY.asked}`, 'nurse', undefined],
      ['GET', `/api/intake/%zz${CANARY.asked}`, 'nurse', undefined],
    ];
    for (const [method, path, as, body] of wrong) {
      const answer = await call(method, path, as, body, { 'if-match': '"1"' });
      if (answer.status < 400) throw new Error(`${method} ${path} was answered ${answer.status}`);
      errors.push(`${method} ${path.split('?')[0]!.replaceAll(/(Wrong|Asked)Zyxxal/g, '...')}: ${answer.status} ${answer.text}`);
    }
    const key = randomUUID();
    for (const name of [CANARY.family, CANARY.given]) {
      const answer = await call('POST', '/api/care-plan/contacts', 'nurse', { patientId: tasks[0]!.patientId, at: new Date().toISOString(), mode: 'telephone', with: 'patient', outcome: 'no-answer', note: name }, { 'idempotency-key': key });
      errors.push(`the same key again: ${answer.status} ${answer.text}`);
    }
    expect(errors.at(-1)).toContain(': 422 ');

    // By MLLP: without a patient, of no known kind, no HL7 at all, not in the character set it names, with bytes that no database takes.
    const discharge = stay.canary('A03', { family: CANARY.unreadable });
    for (const message of [
      discharge.split('\r').filter((segment) => !segment.startsWith('PID')).join('\r'),
      discharge.replace('ADT^A03^ADT_A03', 'ADT^Z99^ADT_Z99'),
      discharge.replace('|P|2.5.1', `|P|${CANARY.unreadable}`),
      `${CANARY.unreadable}|${CANARY.family}`,
      `MSH|^~\\&|WARDS|N|||||${CANARY.unreadable}^${CANARY.unreadable}`,
      discharge.replace(/\|V\d+/, '|').replace(/\d{14}\+0000/g, CANARY.wrongField),
      Buffer.concat([Buffer.from(discharge.replace(CANARY.unreadable, `${CANARY.unreadable}@@`)).subarray(0, -1), Buffer.of(0xff, 0xfe, 0x0d)]),
      Buffer.from(discharge.replace(CANARY.unreadable, `${CANARY.unreadable}\u0000x`).replace(/(\|A03-?\d*|\d+-\d+)\|P/, `|nul-${Date.now()}|P`)),
    ]) {
      // What the answer repeats of the header is the sender's own; the reason is ours.
      errors.push(`MLLP: ${(await mllp(message)).split('\r').filter((segment) => !segment.startsWith('MSH')).join(' ')}`);
    }
    const bare = await MllpClient.connect(system.mllpPort);
    bare.write(Buffer.from(`${CANARY.unreadable}\r\n${discharge}`));
    bare.socket.end();
    await bare.closed;
    // A pair of characters that no text may hold half of.
    const half = await call('POST', '/api/intake/discharges', 'coordinator', `{"sender":"CLINIC","messageId":"half","patient":{"identifiers":[{"value":"77"}],"family":"${CANARY.unreadable}\\ud800","given":"\\u0000${CANARY.unreadable}"},"encounter":{"facility":{"code":"N"}},"dischargedAt":"${new Date().toISOString()}"}`);
    errors.push(`half a character: ${half.status} ${half.text}`);
  };

  /** An event that says nothing we can use: every service that reads it sets it aside. Answers its key. */
  const park = async (): Promise<string> => {
    const patientId = randomUUID();
    const headers = { ce_specversion: '1.0', ce_type: 'care.patient.recorded.v1', ce_source: '/throughline/intake', ce_subject: patientId, ce_time: new Date().toISOString(), ce_partitionkey: patientId };
    for (const name of [{ family: [CANARY.parked] }, { family: CANARY.parked, given: CANARY.parked, [CANARY.parked]: CANARY.parked }]) {
      const id = idOf('canary', JSON.stringify(name));
      await database.query('select bus.append($1, $2, $3, $4, $5)', ['intake', [0], [patientId], [JSON.stringify({ ...headers, ce_id: id, ce_correlationid: id })], [JSON.stringify({ patientId, name, deceased: CANARY.parked })]]);
    }
    return patientId;
  };

  beforeAll(async () => {
    mail = await smtpPeer();
    collector = await OtlpReceiver.start();
    system = await System.start('embedded', {
      env: { THROUGHLINE_LOG_LEVEL: 'trace', THROUGHLINE_SMTP_URL: mail.url, THROUGHLINE_SMTP_FROM: 'throughline@synthetic.example', THROUGHLINE_TEAM_EMAIL: 'team@synthetic.example', THROUGHLINE_EMAIL_ON: 'opened,overdue,escalated', THROUGHLINE_EMAIL_DIGEST_SECONDS: '1', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '200', OTEL_BSP_MAX_QUEUE_SIZE: '100000' },
    });
    database = new pg.Client({ connectionString: String(system.instance()['databaseUrl']) });
    database.on('error', () => undefined);
    await database.connect();
    stream = await new Promise<IncomingMessage>((resolve, reject) => {
      void system.token('subscriber').then((token) => get(`${system.url}/api/notification/stream`, { headers: { authorization: `Bearer ${token}` } }, resolve).once('error', reject), reject);
    });
    stream.on('error', () => undefined).on('data', (chunk: Buffer) => streamed.push(chunk.toString()));

    // By HL7: admitted, discharged, corrected; long ago for one stay, so that its tasks are late and people are written to.
    const stay = new CanaryStay(system, 24 * 20);
    for (const message of [stay.canary('A01'), stay.canary('A03'), stay.canary('A08'), stay.canary('A03', { diagnoses: ['J44.1'] })]) expect(await mllp(message)).toContain('|AA|');
    const found = await eventually('care-plan knows the patient', async () => (await system.get<Page<{ id: string }>>(`/api/care-plan/patients?query=${CANARY.family}`)).items[0]);
    // By REST: medicines, a second stay, and a third that is backdated.
    const patient = { identifiers: [{ value: CANARY.mrn, authority: 'NSH' }], family: CANARY.family, given: CANARY.given, phone: CANARY.phone };
    await done('/api/intake/prescriptions', 'sender', { sender: 'PHARMACY', messageId: 'rx-1', patient, encounter: { visitNumber: stay.visit }, orderId: 'RX-1', medicine: { text: CANARY.medicine }, directions: CANARY.directions });
    const discharge = (visitNumber: string, daysAgo: number) => ({
      sender: 'CLINIC', messageId: `d-${visitNumber}`, patient: { ...patient, identifiers: [{ value: `${CANARY.mrn}-${visitNumber}`, authority: 'NSH' }] },
      encounter: { visitNumber, account: CANARY.account, class: 'I', facility: { code: 'NORTH' }, facilityZone: 'America/New_York' },
      dischargedAt: new Date(Date.now() - daysAgo * 24 * HOUR_MS).toISOString(), disposition: '01', diagnoses: [{ code: 'I50.9', display: CANARY.diagnosis }],
    });
    await done('/api/intake/discharges', 'sender', discharge('REST-1', 0.1));
    await done('/api/intake/discharges', 'sender', discharge('REST-2', 60));

    // People work on it, and write down what they heard.
    const tasks = await eventually('five tasks', async () => {
      const { items } = await system.get<Page<TaskRow>>(`/api/care-plan/tasks?status=all&patient=${found.id}&limit=200`);
      return fiveOpen(items) && items;
    });
    await done('/api/care-plan/contacts', 'nurse', { patientId: found.id, at: new Date().toISOString(), mode: 'telephone', with: 'patient', outcome: 'reached', note: CANARY.contactNote });
    const summary = tasks.find((task) => task.stepId === 'obtain-summary')!;
    const now = (await system.get<TaskRow>(`/api/care-plan/tasks/${summary.id}`)).version;
    await done(`/api/care-plan/tasks/${summary.id}/complete`, 'coordinator', { outcome: 'received', note: CANARY.taskNote }, now);
    const [reconciliation] = (await system.get<Page<Versioned>>(`/api/medication-reconciliation/reconciliations?patient=${found.id}`)).items;
    await done(`/api/medication-reconciliation/reconciliations/${reconciliation!.id}/complete`, 'pharmacist', { note: CANARY.reconciliationNote }, reconciliation!.version);
    await goWrong(stay, tasks);
    await park();
    await eventually('every reader has set the events aside', async () => {
      const lists = await Promise.all(SERVICES.slice(1).map((service) => system.get<Page<unknown>>(`/api/${service}/parked?limit=200`, 'operator')));
      return lists.every(({ items }) => items.length === 2);
    });
    // One is tried again and fails again; another is given up.
    const [again] = (await system.get<Page<{ id: number }>>('/api/care-plan/parked', 'operator')).items;
    errors.push((await call('POST', `/api/care-plan/parked/${again!.id}/replay`, 'operator')).text);
    const [given] = (await system.get<Page<{ id: number }>>('/api/scheduling/parked', 'operator')).items;
    errors.push((await call('POST', `/api/scheduling/parked/${given!.id}/discard`, 'operator', { reason: 'made up' })).text);
    expect(await mllp(stay.canary('A13', { recordedAt: hl7Time(new Date(Date.now() + 60_000)) }))).toContain('|AA|');
    await eventually('withdrawn', async () => (await system.get<Page<TaskRow>>(`/api/care-plan/tasks?status=all&patient=${found.id}&limit=200`)).items.some((task) => task.status === 'withdrawn'));
    await eventually('the team was written to', () => Promise.resolve(mail.received.length >= 5));
    // The database itself would quote what it refuses.
    for (const refused of [`insert into care_plan.patient select (jsonb_populate_record(t, '{"patient_id": null}')).* from care_plan.patient t`, `select '{"name": "${CANARY.family}", }'::jsonb`])
      await expect(database.query(refused)).rejects.toThrow();
    await throughline(['check', '--home', system.home, '--settle', '30']);
  }, 600_000);

  afterAll(async () => {
    stream?.destroy();
    await database?.end();
    await system?.discard();
    await mail?.stop();
    await collector?.stop();
  }, 60_000);

  it('the story really had names in it', async () => {
    const tables = await tablesWithCanaries(database);
    expect(tables['intake.inbound']).toEqual(expect.arrayContaining([...NAMES, 'comment', 'diagnosis', 'kin', 'observation', 'unreadable']));
    expect(tables['bus.record intake']).toEqual(expect.arrayContaining(['family', 'given', 'mrn', 'phone', 'medicine', 'parked']));
  });

  it('no table holds more than its service needs', async () => {
    const tables = await tablesWithCanaries(database);
    expect(Object.entries(tables).flatMap(([place, canaries]) => canaries.filter((one) => !(ALLOWED[place] ?? []).includes(one)).map((one) => `${one} in ${place}`))).toEqual([]);
  });

  it('no answer to a mistake repeats it', () => {
    expect(errors.filter((text) => canariesIn(text).length > 0)).toEqual([]);
  });

  it('lists for operators, metrics and readiness name nobody', async () => {
    const seen: Record<string, string> = {};
    for (const path of ['/metrics', '/readyz', '/livez', '/asyncapi.json']) seen[path] = (await system.call<unknown>('GET', path)).body as string;
    const own = system.instance()['services'] as Record<string, string>;
    for (const service of SERVICES) {
      for (const path of ['/metrics', '/readyz']) seen[`${service} ${path}`] = await (await fetch(`${own[service]}${path}`)).text();
      for (const path of ['/ledger', '/parked']) seen[`${service} ${path}`] = await listed(`/api/${service}${path}`, 'operator');
      seen[`${service} /positions`] = (await call('GET', `/api/${service}/positions`, 'operator')).text;
      seen[`${service} /audit`] = await listed(`/api/${service}/audit`, 'admin');
    }
    seen['inbound'] = await listed('/api/intake/inbound', 'operator');
    seen['notices'] = await listed('/api/notification/notices', 'coordinator');
    seen['messages'] = await listed('/api/notification/messages', 'coordinator');
    seen['stream'] = streamed.join('');
    seen['parked list'] = (await throughline(['parked', 'list', '--home', system.home])).output;
    seen['check'] = (await throughline(['check', '--json', '--home', system.home])).output;
    expect(Object.values(seen).every((text) => (typeof text === 'string' ? text : JSON.stringify(text)).length > 0)).toBe(true);
    expect(streamed.join('')).toMatch(/"overdue".*care\.task\.withdrawn\.v1/s);
    expect(Object.entries(seen).flatMap(([place, text]) => canariesIn(typeof text === 'string' ? text : JSON.stringify(text)).map((canary) => `${canary} in ${place}`))).toEqual([]);
  });

  it('no e-mail names anybody', () => {
    expect(mail.received.flatMap(({ raw }) => canariesIn(raw.replaceAll('=\r\n', '')))).toEqual([]);
  });

  it('no trace names anybody, nor any patient by our own id', async () => {
    for (const name of ['mllp receive', 'process inbound', 'process intake', 'process job:send-message', 'send stream', 'send e-mail', 'POST /api/care-plan/contacts']) await eventually(name, async () => collector.spans.some((span) => span.name === name));
    expect(collector.bodies.flatMap(canariesIn)).toEqual([]);
    const { rows } = await database.query<{ id: string }>('select id from intake.patient');
    const sent = collector.bodies.join('');
    expect(rows.map(({ id }) => id).filter((id) => sent.includes(id))).toEqual([]);
    expect(rows.length).toBeGreaterThan(2);
  }, 60_000);

  it('neither the output nor any log has a name in it, to the end of the run', async () => {
    stream.destroy();
    await database.end();
    expect(await system.stop()).toBe(0);
    expect(readFileSync(join(system.home, 'throughline.log'), 'utf8')).toContain('message parked');
    expect(readFileSync(join(system.home, 'postgres.log'), 'utf8')).toContain('violates not-null constraint');
    expect(collector.bodies.flatMap(canariesIn)).toEqual([]);
    expect(canariesIn(system.output())).toEqual([]);
    expect(filesWithCanaries(system.home, ['postgres'])).toEqual({});
  }, 60_000);
});
