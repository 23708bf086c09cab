import type { ReceivedMail } from '@throughline/testing/smtp-peer';
import { STEPS } from '../stories/ward.js';
import type { Promised } from './discharge-stream.js';
import type { Line, Seen } from './ledger-reader.js';
import { climbing, mailProblems, messageProblems, problemsOf } from './promises-kept.js';

const BORN = Date.parse('2026-03-02T12:00:00Z');
const LOOK = { by: BORN + 60_000, at: BORN + 62_000 };
const line = (kind: string, subject: string, outcome: string, more: Partial<Line> = {}): Line => ({ id: subject, kind, subject, outcome, at: new Date(BORN).toISOString(), dischargeId: 'd', ...more });
const late = (step: string): boolean => step === 'contact';
const dueAt = (step: string): string => (late(step) ? '2026-02-25T04:59:59.999Z' : '2026-03-10T04:59:59.999Z');
const promised: Promised = { name: 'one', controlId: 'c1', cancelled: false, medicines: ['m1'] };

const whole = (): Record<Exclude<keyof Seen, 'withLines'>, Line[]> & { withLines: { id: string; dischargeId: string; lineIds: string[] }[] } => ({
  inbound: [line('inbound', 'i1', 'discharge', { controlId: 'c1' }), line('inbound', 'm1', 'prescription', { dischargeId: null })],
  carePlan: [line('episode', 'e', 'open'), ...STEPS.map((step) => line('task', `t-${step}`, late(step) ? 'overdue' : 'open', { stepId: step, dueAt: dueAt(step) }))],
  reconciliations: [line('reconciliation', 'r', 'open')],
  followUps: [line('follow-up', 'f', 'requested')],
  notification: [
    ...STEPS.map((step, n) => line('notice', `t-${step}`, late(step) ? 'overdue' : 'open', { type: 'care.task.opened.v1', number: n + 1 })),
    line('notice', 't-contact', 'overdue', { type: 'care.task.escalated.v1', number: 9 }),
  ],
  withLines: [{ id: 'r', dischargeId: 'd', lineIds: ['m1'] }],
});
const kinds = (change: (seen: ReturnType<typeof whole>) => void): string[] => {
  const seen = whole();
  change(seen);
  return problemsOf([promised], seen, LOOK).map(({ kind }) => kind);
};

describe('the promises of the kill story', () => {
  it('finds nothing when all are kept', () => {
    expect(problemsOf([promised], whole(), LOOK)).toEqual([]);
    expect(climbing([promised], whole(), LOOK)).toBe(0);
  });

  it.each<[string, (seen: ReturnType<typeof whole>) => void]>([
    ['the discharge', (seen) => seen.inbound.shift()],
    ['the prescription', (seen) => seen.inbound.pop()],
    ['the episode', (seen) => seen.carePlan.shift()],
    ['the reconciliation', (seen) => seen.reconciliations.pop()],
    ['the follow-up request', (seen) => seen.followUps.pop()],
    ['a medicine', (seen) => seen.withLines[0]!.lineIds.pop()],
    ['an escalation', (seen) => seen.notification.pop()],
  ])('misses %s', (_, change) => {
    expect(kinds(change)).toEqual(['lost']);
  });

  it('misses a task, and the notice of one', () => {
    expect(kinds((seen) => seen.carePlan.pop())).toEqual(['lost']);
    expect(kinds((seen) => seen.notification.splice(1, 1))).toContain('lost');
  });

  it.each<[string, (seen: ReturnType<typeof whole>) => void]>([
    ['episode', (seen) => seen.carePlan.push(line('episode', 'e2', 'open'))],
    ['task', (seen) => seen.carePlan.push({ ...seen.carePlan[3]!, at: '' })],
    ['notice', (seen) => seen.notification.push({ ...seen.notification[2]!, number: 10 })],
    ['number of a notice', (seen) => (seen.notification[5] = { ...seen.notification[5]!, number: 1 })],
    ['follow-up request', (seen) => seen.followUps.push(line('follow-up', 'f2', 'requested'))],
  ])('sees a second %s', (_, change) => {
    expect(kinds(change)).toContain('doubled');
  });

  it('asks a cancelled discharge to be withdrawn everywhere', () => {
    expect(problemsOf([{ ...promised, cancelled: true }], whole(), LOOK).filter(({ kind }) => kind === 'wrong').length).toBeGreaterThanOrEqual(3);
  });

  it('lets a rung of this very moment be either way, and waits for it', () => {
    const now = { by: BORN + 14_000, at: BORN + 16_000 };
    const before = whole();
    before.notification.pop();
    expect([problemsOf([promised], whole(), now), problemsOf([promised], before, now)]).toEqual([[], []]);
    expect(climbing([promised], before, now)).toBe(1);
  });

  it('takes a Message-ID twice for a double, and an e-mail without its message for wrong', () => {
    const mail = (id: string): ReceivedMail => ({ messageId: `${id}@care.example`, from: '', to: [], subject: '', raw: '' });
    expect(mailProblems([mail('a'), mail('b')])).toEqual([]);
    expect(mailProblems([mail('a'), mail('a')])).toHaveLength(1);
    const messages = [line('message', 'a', 'sent'), line('message', 'b', 'unknown'), line('message', 'c', 'cancelled')];
    expect(messageProblems(messages, [mail('a')])).toEqual([]);
    expect(messageProblems(messages, [])).toHaveLength(1);
    expect(messageProblems(messages, [mail('a'), mail('c')])).toHaveLength(1);
    expect(messageProblems([line('message', 'd', 'planned')], [])).toHaveLength(1);
  });
});
