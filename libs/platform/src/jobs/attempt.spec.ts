import type { JobRequest } from '../persistence/unit.js';
import { attempt } from './attempt.js';
import { backoffMs, jobId } from './jobs.js';

const job: JobRequest = { name: 'task-due', rowId: 'r', patientId: 'p', dueAt: new Date(1_000) };
const table = { 'task-due': { attempts: 3, backoffMs: 100 } };

const callbacks = (fails: boolean) => {
  const calls: string[] = [];
  return {
    calls,
    to: {
      table,
      wake: () => (calls.push('wake'), fails ? Promise.reject(new Error('no')) : Promise.resolve()),
      exhausted: (_: JobRequest, error: Error) => (calls.push(error.message), Promise.resolve()),
    },
  };
};

describe('one attempt', () => {
  it.each([
    ['succeeds', false, 0, 0, ['wake']],
    ['succeeds even when it is the last', false, 2, 0, ['wake']],
    ['is exhausted by its last failure', true, 2, 0, ['wake', 'no']],
    ['is exhausted by a failure beyond the table', true, 9, 0, ['wake', 'no']],
    ['is tried after two deaths', false, 0, 2, ['wake']],
    ['is not tried a fourth time when the process died three times', false, 0, 3, ['The process died 3 times while it handled this job']],
  ])('%s', async (_, fails, failures, deaths, expected) => {
    const { calls, to } = callbacks(fails);
    await attempt(job, failures, deaths, to);
    expect(calls).toEqual(expected);
  });

  it('asks for another when attempts are left', async () => {
    const { calls, to } = callbacks(true);
    await expect(attempt(job, 1, 0, to)).rejects.toThrow('no');
    expect(calls).toEqual(['wake']);
  });

  it('never logs or parks what an unknown name says', async () => {
    const { calls, to } = callbacks(false);
    await attempt({ ...job, name: 'CANARY^Zylphandra' }, 0, 0, to);
    expect(calls).toEqual(['No job is named so']);
  });
});

it('doubles the wait, up to ten minutes', () => {
  expect([1, 2, 3, 4].map((n) => backoffMs({ backoffMs: 100 }, n))).toEqual([100, 200, 400, 800]);
  expect(backoffMs({ backoffMs: 1_000 }, 1_000_000)).toBe(600_000);
});

it('names a job by row and due time, in characters that BullMQ takes', () => {
  expect(jobId(job)).toBe('task-due_r_1000');
  expect(jobId({ ...job, dueAt: new Date(2_000) })).not.toBe(jobId(job));
});
