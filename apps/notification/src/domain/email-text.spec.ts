import { news, taskFact } from '../../test/task-news.js';
import { messageFor, type EmailPolicy } from './email-policy.js';
import { dueWords, emailText, oneLine } from './email-text.js';
import { claimMessage, type Sending } from './message.js';
import type { TaskFact } from './notice.js';

const NOW = '2026-03-04T23:00:00.000Z';
const ON: EmailPolicy = { state: 'on', reasons: ['overdue', 'escalated'], digestEveryMs: 3_600_000, expireAfterMs: 86_400_000 };
const sending = (n: number, more: Partial<TaskFact> = {}): Sending => {
  const planned = messageFor(news('care.task.overdue.v1', 2, taskFact(n, { status: 'overdue', ...more })), ON, '2026-03-04T22:00:00.000Z')!;
  return claimMessage(planned, { claim: 'c', envelopeId: planned.id, leaseMs: 1 }, NOW) as Sending;
};

describe('the text of an e-mail', () => {
  it('says what is late, since when, and where to look; nobody\'s name', () => {
    const { task } = sending(1);
    expect(emailText([sending(1)], 'https://console.example.org/')).toEqual({
      subject: 'Overdue: Reach the patient within 2 business days',
      text: [
        'Overdue: Reach the patient within 2 business days',
        'Due: Wed, Mar 4, 2026, 17:00 EST',
        'Team: transitions',
        '',
        `https://console.example.org/patients/${task.patientId}?task=${task.taskId}`,
        '',
        'This message names no patient on purpose. Open the link and sign in to see whom it is about.',
      ].join('\n'),
    });
  });

  it('cannot be made to carry another header or line', () => {
    expect(oneLine('Call\r\nBcc: everyone@example.org\u2028now\u0000\u202e')).toBe('Call Bcc: everyone@example.org now');
    const { subject, text } = emailText([sending(1, { label: 'A\r\nBcc: x@example.org\r\n\r\nhello', team: 'a\nb' })], 'https://c.example.org');
    expect(subject).not.toMatch(/[\r\n]/);
    expect(text).toContain('Team: a b');
    expect(oneLine('x'.repeat(500))).toHaveLength(120);
  });

  it('is one digest of all backdated tasks, counted by label, at most 50 links', () => {
    const many = Array.from({ length: 60 }, (_, n) => sending(n, { backdated: true, label: n % 2 ? 'Call' : 'Visit' }));
    const { subject, text } = emailText(many, 'https://c.example.org');
    expect(subject).toBe('60 overdue tasks of discharges or referrals reported late');
    expect(text).toContain('30 x Call\n30 x Visit');
    expect(text.match(/patients\//g)).toHaveLength(50);
    expect(text).toContain('and 10 more in the worklist');
  });

  it('tells the time of the place, across a change of clocks', () => {
    expect(dueWords('2026-03-08T07:30:00.000Z', 'America/New_York')).toBe('Sun, Mar 8, 2026, 03:30 EDT');
  });
});
