import fc from 'fast-check';
import type { EventOf } from '@throughline/contracts/flow';
import { eventId } from '@throughline/kernel/ids';
import { consumes } from '../src/adapters/events/consumes.js';
import type { Tx } from '../src/application/ports.js';
import type { Message } from '../src/domain/message.js';
import type { Notice, TaskNews } from '../src/domain/notice.js';
import { task, taskId, type TaskData } from './task-data.js';

interface Step {
  readonly type: TaskNews['type'];
  readonly data: TaskData;
}

/** The service's handlers over memory, with the platform's version check in front of them. */
const inMemory = () => {
  const notices = new Map<string, Notice>();
  const messages = new Map<string, Message>();
  const applied = new Map<string, number>();
  const tx: Tx = {
    now: '2026-03-04T22:00:00.000Z',
    email: { state: 'on', reasons: ['opened', 'overdue', 'escalated'], digestEveryMs: 3_600_000, expireAfterMs: 86_400_000 },
    patients: { of: async () => [], get: async () => undefined, put: () => undefined },
    messages: {
      of: async (patient) => [...messages.values()].filter((it) => it.patientId === patient),
      get: async (_patient, id) => messages.get(id),
      put: (it) => void messages.set(it.id, it),
    },
    notices: { append: (it) => void (notices.has(it.id) || notices.set(it.id, it)) },
    publish: () => undefined,
    alarm: () => undefined,
    wakeSender: () => undefined,
  };
  const handle = async ({ type, data }: Step): Promise<void> => {
    if ((applied.get(data.taskId) ?? 0) >= data.version) return;
    applied.set(data.taskId, data.version);
    const handler = (consumes as unknown as Record<string, (event: EventOf<'care.task.opened.v1'>, tx: Tx) => Promise<void>>)[type]!;
    const id = eventId(type, data.taskId, data.version);
    await handler({ id, type: type as 'care.task.opened.v1', subject: data.taskId, time: '2026-03-04T22:00:00.000Z', correlationId: 'c', data }, tx);
  };
  return { handle, notices, messages };
};

/** A life of one task, as care-plan tells it. */
const life = (n: number): fc.Arbitrary<Step[]> =>
  fc.record({ backdated: fc.boolean(), late: fc.boolean(), rungs: fc.nat(2), moved: fc.boolean(), end: fc.constantFrom('completed' as const, 'withdrawn' as const, undefined) }).map(({ backdated, late, rungs, moved, end }) => {
    const steps: Step[] = [];
    const say = (type: TaskNews['type'], more: Partial<TaskData>): void => void steps.push({ type, data: task(n, steps.length + 1, { backdated, ...more }) });
    const overdue = late || backdated;
    say('care.task.opened.v1', { status: backdated ? 'overdue' : 'open' });
    if (overdue) {
      if (!backdated) say('care.task.overdue.v1', { status: 'overdue' });
      for (let i = 1; i <= rungs; i++) say('care.task.escalated.v1', { status: 'overdue', escalation: i, escalatedTo: `rung-${i}` });
    }
    if (moved) say('care.task.changed.v1', { status: 'open', dueAt: '2026-03-09T22:00:00Z' });
    if (end) say(`care.task.${end}.v1`, { status: end });
    return steps;
  });

const interleave = (lives: readonly (readonly Step[])[], picks: readonly number[], again: readonly number[]): Step[] => {
  const left = lives.map((steps) => [...steps]);
  const out: Step[] = [];
  for (let i = 0; left.some((steps) => steps.length > 0); i++) {
    const ready = left.filter((steps) => steps.length > 0);
    out.push(ready[(picks[i % Math.max(picks.length, 1)] ?? 0) % ready.length]!.shift()!);
    const repeat = again[i];
    if (repeat !== undefined && repeat % 3 === 0) out.push(out[repeat % out.length]!);
  }
  return out;
};

const endOf = async (steps: readonly Step[]) => {
  const service = inMemory();
  for (const step of steps) await service.handle(step);
  const sorted = <Value extends { id: string }>(values: Iterable<Value>) => [...values].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { notices: sorted(service.notices.values()), messages: sorted(service.messages.values()) };
};

describe('any interleaving of the news of several tasks', () => {
  it('ends in one notice per task event and the same e-mails, none of them for what is over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(life(1), life(2), life(3)), fc.array(fc.nat(9), { maxLength: 20 }), fc.array(fc.nat(30), { maxLength: 30 }), async (lives, picks, again) => {
        const straight = await endOf(lives.flat());
        const shuffled = await endOf(interleave(lives, picks, again));
        expect(shuffled).toEqual(straight);
        expect(straight.notices).toHaveLength(lives.flat().length);
        for (const [i, steps] of lives.entries()) {
          const last = steps.at(-1)!.data;
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
