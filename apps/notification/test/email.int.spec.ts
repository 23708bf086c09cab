import { FixedClock } from '@throughline/testing/fixed-clock';
import { smtpPeer, type SmtpPeer } from '@throughline/testing/smtp-peer';
import { standingGround, until, type Ground, type StandingService } from '@throughline/testing/standing-service';
import { notification } from '../src/notification.module.js';
import { task, taskId } from './task-data.js';

const nurse = { as: { sub: 'nurse-1', roles: ['nurse'] } };
const base = '/api/notification';

describe('e-mail on PostgreSQL against a real SMTP server', () => {
  let ground: Ground;
  let peer: SmtpPeer;
  let clock: FixedClock;
  let service: StandingService;
  const start = (env: Record<string, string> = {}) =>
    ground.start(notification, {
      THROUGHLINE_SMTP_URL: peer.url,
      THROUGHLINE_SMTP_FROM: 'throughline@example.org',
      THROUGHLINE_TEAM_EMAIL: 'transitions=team@example.org',
      THROUGHLINE_SMTP_TIMEOUT_SECONDS: '2',
      ...env,
    });
  const states = async () => (await service.rows<{ state: string }>('select state from message order by planned_at, id')).map((row) => row.state);
  const settled = (state: string) => until(`a message ${state}`, async () => (await states()).includes(state));
  const events = async () => (await service.published()).map((event) => [event.type, event.data['taskId'], event.data['state'], event.data['version']]);
  const statuses = async () => (await service.rows<{ status: string }>(`select body->>'status' as status from task_notice order by number`)).map((row) => row.status);

  beforeEach(async () => {
    peer = await smtpPeer();
    clock = new FixedClock('2026-03-04T22:00:00Z');
    ground = await standingGround(clock);
    service = await start();
  });
  afterEach(async () => {
    await peer.stop();
    await ground.stop();
  });

  it('writes to the team once when a task is late, without a name, and tells what became of it', async () => {
    await service.hear('care.patient.recorded.v1', { patientId: task(1).patientId, version: 1, name: { family: 'Zebedee', given: 'Quentin' }, deceased: false });
    await service.hear('care.task.opened.v1', task(1));
    await service.hear('care.task.overdue.v1', task(1, 2, { status: 'overdue' }));
    await settled('sent');
    expect(peer.received).toHaveLength(1);
    const [mail] = peer.received;
    expect(mail).toMatchObject({ to: ['team@example.org'], from: 'throughline@example.org', subject: 'Overdue: Reach the patient within 2 business days' });
    const [row] = await service.rows<{ id: string }>('select id from message');
    expect(mail!.messageId).toBe(`${row!.id}@example.org`);
    expect(mail!.raw.replace(/=\r\n/g, '')).toContain('Due: Wed, Mar 4, 2026, 17:00 EST');
    expect(JSON.stringify([mail!.raw, ground.lines])).not.toMatch(/Zebedee|Quentin/);
    await until('the event', async () => (await events()).length === 1);
    expect(await events()).toEqual([['care.message.settled.v1', taskId(1), 'sent', 1]]);
  });

  it('tries again after a 4xx with the same Message-ID, later, and only after its job woke it', async () => {
    peer.behave({ kind: 'refuse', code: 451, at: 'rcpt' });
    await service.hear('care.task.overdue.v1', task(1, 2, { status: 'overdue' }));
    await until('planned again', async () => (await service.rows(`select 1 from message where state = 'planned' and (body->>'attempts')::int = 1`)).length === 1);
    peer.behave({ kind: 'accept' });
    await service.advance(29_999);
    expect(peer.begun()).toBe(1);
    await service.advance(1);
    await settled('sent');
    expect(peer.received).toHaveLength(1);
    expect(peer.begun()).toBe(2);
  });

  it('gives up on a 5xx and says so in the app', async () => {
    peer.behave({ kind: 'refuse', code: 550, at: 'rcpt' });
    await service.hear('care.task.overdue.v1', task(1, 2, { status: 'overdue' }));
    await settled('failed');
    expect(await statuses()).toEqual(['overdue', 'message-failed']);
    expect(peer.begun()).toBe(1);
  });

  it('does not know when the connection breaks after the text: shown, never sent again', async () => {
    peer.behave({ kind: 'drop' });
    await service.hear('care.task.overdue.v1', task(1, 2, { status: 'overdue' }));
    await settled('unknown');
    peer.behave({ kind: 'accept' });
    await service.advance(3_600_000);
    const shown = (await (await service.ask(`${base}/messages?state=unknown`, nurse)).json()) as { items: { taskId: string; state: string }[] };
    expect(shown.items).toEqual([expect.objectContaining({ taskId: taskId(1), state: 'unknown', attempts: 1 })]);
    expect(await statuses()).toEqual(['overdue', 'message-unknown']);
    expect(peer.received).toHaveLength(1);
    expect((await events()).at(-1)).toEqual(['care.message.settled.v1', taskId(1), 'unknown', 1]);
  });

  it('killed between sending and recording: unknown by the lease, and no second mail from the next start', async () => {
    // The mail is taken, its answer never comes, and the sender is gone before it can record anything.
    peer.behave({ kind: 'hang', at: 'end' });
    await service.stop();
    service = await start({ THROUGHLINE_SMTP_TIMEOUT_SECONDS: '600' });
    await service.hear('care.task.overdue.v1', task(1, 2, { status: 'overdue' }));
    await until('the text has arrived', async () => peer.received.length === 1);
    expect(await states()).toEqual(['sending']);
    const dead = service;
    service = await start();
    peer.behave({ kind: 'accept' });
    await service.advance(2 * 600_000 + 29_999);
    expect(await states()).toEqual(['sending']);
    await service.advance(1);
    await settled('unknown');
    await service.advance(3_600_000);
    expect(await states()).toEqual(['unknown']);
    expect(await statuses()).toEqual(['overdue', 'message-unknown']);
    expect(peer.received.map((mail) => mail.messageId)).toHaveLength(1);
    await peer.stop();
    await dead.stop();
    expect(await states()).toEqual(['unknown']);
  });

  it('takes a planned mail back when the task is done before it goes out', async () => {
    peer.behave({ kind: 'refuse', code: 451, at: 'mail' });
    await service.hear('care.task.overdue.v1', task(1, 2, { status: 'overdue' }));
    await until('planned again', async () => (await service.rows(`select 1 from message where state = 'planned' and (body->>'attempts')::int = 1`)).length === 1);
    peer.behave({ kind: 'accept' });
    await service.hear('care.task.completed.v1', task(1, 3, { status: 'completed', outcome: { code: 'reached', at: '2026-03-04T22:00:00Z', by: 'nurse-1' } }));
    await service.advance(30_000);
    expect(await states()).toEqual(['cancelled']);
    expect(peer.received).toEqual([]);
  });

  it('sends one digest for all backdated tasks, however many', async () => {
    for (let n = 1; n <= 12; n++) {
      await service.hear('care.task.opened.v1', task(n, 1, { status: 'overdue', backdated: true }));
      await service.hear('care.task.escalated.v1', task(n, 2, { status: 'overdue', backdated: true, escalation: 1, escalatedTo: 'lead' }));
    }
    await service.hear('care.task.withdrawn.v1', task(12, 3, { status: 'withdrawn', backdated: true }));
    await service.advance(3_599_999);
    expect(peer.begun()).toBe(0);
    await service.advance(1);
    await until('all sent', async () => (await states()).filter((state) => state === 'sent').length === 11);
    expect(peer.received.map((mail) => mail.subject)).toEqual(['11 overdue tasks of discharges or referrals reported late']);
    expect((await states()).filter((state) => state === 'cancelled')).toHaveLength(1);
    expect((await events()).map((event) => event[2])).toEqual(Array(11).fill('sent'));
  });

  it('hands each mail to one of two copies only', async () => {
    const other = await start();
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? service : other).hear('care.task.overdue.v1', task(n, 2, { status: 'overdue' }))));
    await until('all sent', async () => (await states()).every((state) => state === 'sent'));
    expect(peer.received).toHaveLength(20);
    expect(new Set(peer.received.map((mail) => mail.messageId)).size).toBe(20);
    await other.stop();
  });

  it('says which channels are on; without a mail server e-mail is off and plans nothing', async () => {
    const channels = async () => ((await (await service.ask(`${base}/channels`, nurse)).json()) as { items: unknown[] }).items;
    expect(await channels()).toEqual([{ channel: 'in-app', state: 'on' }, { channel: 'email', state: 'on', on: ['overdue', 'escalated'] }]);
    peer.behave({ kind: 'refuse', code: 451, at: 'mail' });
    await service.hear('care.task.overdue.v1', task(1, 2, { status: 'overdue' }));
    await until('planned again', async () => (await service.rows(`select 1 from message where state = 'planned' and (body->>'attempts')::int = 1`)).length === 1);
    await service.stop();
    service = await start({ THROUGHLINE_SMTP_URL: '' });
    expect(await channels()).toEqual([{ channel: 'in-app', state: 'on' }, { channel: 'email', state: 'off', reason: 'THROUGHLINE_SMTP_URL is not set' }]);
    await service.hear('care.task.overdue.v1', task(2, 2, { status: 'overdue' }));
    await service.advance(30_000);
    await settled('cancelled');
    expect(await states()).toEqual(['cancelled']);
  });
});
