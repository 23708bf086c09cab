import fc from 'fast-check';
import type { EventOf } from '@throughline/contracts/flow';
import { eventOf } from '@throughline/testing/event-of';
import { hearing, keptInMemory } from '@throughline/testing/in-memory';
import { interleave, turns } from '@throughline/testing/interleavings';
import { consumes } from '../src/adapters/events/consumes.js';
import type { EmailPolicy } from '../src/domain/email-policy.js';
import type { Message } from '../src/domain/message.js';
import type { Notice, TaskNews } from '../src/domain/notice.js';
import { task, taskId, type TaskData } from './task-data.js';

type Heard = EventOf<TaskNews['type']>;

const NOW = '2026-03-04T22:00:00.000Z';
const email: EmailPolicy = { state: 'on', reasons: ['opened', 'overdue', 'escalated'], digestEveryMs: 3_600_000, expireAfterMs: 86_400_000 };

/** A life of one task, as care-plan tells it. */
const life = (n: number): fc.Arbitrary<Heard[]> =>
  fc.record({ backdated: fc.boolean(), late: fc.boolean(), rungs: fc.nat(2), moved: fc.boolean(), end: fc.constantFrom('completed' as const, 'withdrawn' as const, undefined) }).map(({ backdated, late, rungs, moved, end }) => {
    const heard: Heard[] = [];
    const say = (type: TaskNews['type'], more: Partial<TaskData>): void => void heard.push(eventOf(type, task(n, heard.length + 1, { backdated, ...more }), NOW));
    const overdue = late || backdated;
    say('care.task.opened.v1', { status: backdated ? 'overdue' : 'open' });
    if (overdue) {
      if (!backdated) say('care.task.overdue.v1', { status: 'overdue' });
      for (let i = 1; i <= rungs; i++) say('care.task.escalated.v1', { status: 'overdue', escalation: i, escalatedTo: `rung-${i}` });
    }
    if (moved) say('care.task.changed.v1', { status: 'open', dueAt: '2026-03-09T22:00:00Z' });
    if (end) say(`care.task.${end}.v1`, { status: end });
    return heard;
  });

const streamOf = (event: Heard): string => event.data.patientId;

const endOf = async (events: readonly Heard[]) => {
  const notices = new Map<string, Notice>();
  const messages = keptInMemory<Message>();
  const hear = hearing(consumes, () => ({
    now: NOW,
    email,
    keepPatient: () => undefined,
    nameAs: (patientId: string) => [patientId],
    messages: messages.port,
    notices: { append: (it) => void (notices.has(it.id) || notices.set(it.id, it)) },
    publish: () => undefined,
    alarm: () => undefined,
    wakeSender: () => undefined,
  }));
  for (const event of events) await hear(event);
  return { notices: [...notices.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), messages: messages.all() };
};

describe('any interleaving of the news of several tasks', () => {
  it('ends in one notice per task event and the same e-mails, none of them for what is over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(life(1), life(2), life(3)), turns, async (lives, chosen) => {
        const straight = await endOf(lives.flat());
        const shuffled = await endOf(interleave(lives.flat(), chosen, { streamOf }));
        expect(shuffled).toEqual(straight);
        expect(straight.notices).toHaveLength(lives.flat().length);
        for (const [i, heard] of lives.entries()) {
          const last = heard.at(-1)!.data;
          const planned = straight.messages.filter((it) => it.task.taskId === taskId(i + 1) && it.state === 'planned');
          if (last.status === 'completed' || last.status === 'withdrawn') expect(planned).toEqual([]);
          if (last.status === 'open') expect(planned.every((it) => it.reason === 'opened')).toBe(true);
          if (last.backdated) expect(planned.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
