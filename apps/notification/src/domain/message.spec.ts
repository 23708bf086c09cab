import { news, taskFact } from '../../test/task-news.js';
import { messageFor, type EmailPolicy } from './email-policy.js';
import { cancelMessage, claimMessage, expireLease, settleMessage, type Message, type Outcome } from './message.js';

const NOW = '2026-03-04T22:00:00.000Z';
const LATER = '2026-03-04T22:10:00.000Z';
const ON: EmailPolicy = { state: 'on', reasons: ['overdue', 'escalated'], digestEveryMs: 3_600_000, expireAfterMs: 86_400_000 };
const overdue = news('care.task.overdue.v1', 2, taskFact(1, { status: 'overdue' }));
const attempt = { claim: 'claim-1', envelopeId: 'envelope-1', leaseMs: 150_000 };
const planned = (): Message => messageFor(overdue, ON, NOW)!;
const sending = (): Message => claimMessage(planned(), attempt, NOW)!;
const settled = (outcome: Outcome, message = sending()) => settleMessage(message, 'claim-1', outcome, LATER);

describe('which news is e-mailed', () => {
  it('is overdue and escalated tasks, unless configured otherwise', () => {
    expect(planned()).toMatchObject({ state: 'planned', kind: 'task', reason: 'overdue', dueAt: NOW, attempts: 0 });
    expect(messageFor(news('care.task.opened.v1', 1, taskFact(1)), ON, NOW)).toBeUndefined();
    expect(messageFor(news('care.task.opened.v1', 1, taskFact(1)), { ...ON, reasons: ['opened'] }, NOW)).toMatchObject({ reason: 'opened' });
    expect(messageFor(news('care.task.completed.v1', 3, taskFact(1, { status: 'completed' })), ON, NOW)).toBeUndefined();
    expect(messageFor(overdue, { state: 'off' }, NOW)).toBeUndefined();
  });

  it('is one message per piece of news, and one ever for a backdated task, in the next digest', () => {
    expect(messageFor(overdue, ON, LATER)!.id).toBe(planned().id);
    const old = taskFact(1, { status: 'overdue', backdated: true });
    const first = messageFor(news('care.task.opened.v1', 1, old), ON, '2026-03-04T22:20:00.000Z')!;
    expect(first).toMatchObject({ kind: 'digest', reason: 'overdue', dueAt: '2026-03-04T23:00:00.000Z' });
    expect(messageFor(news('care.task.escalated.v1', 2, old), ON, '2026-03-04T22:30:00.000Z')!.id).toBe(first.id);
  });
});

describe('an e-mail', () => {
  it('is claimed once, when its time has come', () => {
    expect(sending()).toMatchObject({ state: 'sending', attempts: 1, leaseUntil: '2026-03-04T22:02:30.000Z' });
    expect(claimMessage(sending(), attempt, LATER)).toBeUndefined();
    expect(claimMessage(planned(), attempt, '2026-03-04T21:59:59.000Z')).toBeUndefined();
  });

  it('is not sent when a day has passed', () => {
    expect(claimMessage(planned(), attempt, '2026-03-05T22:00:00.000Z')).toMatchObject({ state: 'failed', why: 'expired', version: 1 });
  });

  it('is not sent once cancelled, and is not tried again when cancelled under way', () => {
    const cancelled = cancelMessage(planned(), 'task-ended', NOW)!;
    expect(cancelled).toMatchObject({ state: 'cancelled', why: 'task-ended' });
    expect(claimMessage(cancelled, attempt, LATER)).toBeUndefined();
    const underWay = cancelMessage(sending(), 'task-ended', NOW)!;
    expect(settled({ kind: 'not-now', why: 'smtp-451' }, underWay)).toMatchObject({ state: 'cancelled' });
    expect(settled({ kind: 'accepted' }, underWay)).toMatchObject({ state: 'sent' });
  });

  it('comes to rest by what the server said', () => {
    expect(settled({ kind: 'accepted' })).toMatchObject({ state: 'sent', at: LATER, version: 1 });
    expect(settled({ kind: 'refused', why: 'smtp-550' })).toMatchObject({ state: 'failed', why: 'smtp-550' });
    expect(settled({ kind: 'unknown' })).toMatchObject({ state: 'unknown', version: 1 });
  });

  it('is tried again after "not now", later each time, in the end no more', () => {
    const again = settled({ kind: 'not-now', why: 'smtp-451' })!;
    expect(again).toMatchObject({ state: 'planned', dueAt: '2026-03-04T22:10:30.000Z', attempts: 1, version: 0 });
    let message = again;
    for (let i = 0; i < 11; i++) {
      const due = message.state === 'planned' ? message.dueAt : '';
      const taken = claimMessage(message, attempt, due)!;
      message = settleMessage(taken, 'claim-1', { kind: 'not-now', why: 'smtp-451' }, due)!;
    }
    expect(message).toMatchObject({ state: 'failed', why: 'smtp-451', attempts: 12 });
  });

  it('becomes unknown when its lease runs out, and is never claimed again', () => {
    expect(expireLease(sending(), '2026-03-04T22:02:29.999Z')).toBeUndefined();
    const unknown = expireLease(sending(), '2026-03-04T22:02:30.000Z')!;
    expect(unknown).toMatchObject({ state: 'unknown' });
    expect(claimMessage(unknown, attempt, LATER)).toBeUndefined();
    expect(cancelMessage(unknown, 'task-ended', LATER)).toBeUndefined();
  });

  it('believes the attempt that owned it, even late, and nobody else', () => {
    const unknown = expireLease(sending(), LATER)!;
    expect(settled({ kind: 'accepted' }, unknown)).toMatchObject({ state: 'sent', version: 2 });
    expect(settled({ kind: 'not-now', why: 'x' }, unknown)).toBeUndefined();
    expect(settleMessage(sending(), 'claim-2', { kind: 'accepted' }, LATER)).toBeUndefined();
  });
});
