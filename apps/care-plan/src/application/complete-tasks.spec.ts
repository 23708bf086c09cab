import { idOf } from '@throughline/kernel/ids';
import { discharged, PATIENT, World } from '../../test/world.js';
import { claimTask } from './assign-task.js';
import { completeTasks } from './complete-tasks.js';

test('several tasks at once: each answered for itself, none keeps another from being done', async () => {
  const world = new World();
  await world.hear(discharged());
  const seen = (step: string) => ({ id: world.step(step)!.taskId, version: world.step(step)!.version });
  const tasks = [seen('contact'), seen('obtain-summary'), seen('visit'), { id: idOf('task', 'none'), version: 1 }, seen('book-visit'), seen('reconcile')];
  await claimTask({ patientId: PATIENT, taskId: world.step('visit')!.taskId }, world.tx());
  const owners = new Map([...world.tasks.keys()].map((id) => [id, { patientId: PATIENT, correlationId: 'c' }]));
  const results = await completeTasks({ tasks, outcome: 'not-needed', note: 'at her own wish' }, owners, world.tx(undefined, 'casey'));
  expect(results.map(({ result }) => result)).toEqual(['completed', 'completed', 'stale-version', 'not-found', 'completed', 'not-allowed']);
  expect(results[0]).toEqual({ id: tasks[0]!.id, result: 'completed', version: 2 });
  expect(results[2]).toMatchObject({ version: 2 });
  expect(results[5]).toMatchObject({ version: 1, reason: 'unknown-outcome' });
  expect(world.statuses()).toEqual({ contact: 'completed', 'obtain-summary': 'completed', visit: 'open', 'book-visit': 'completed', reconcile: 'open' });
  expect(world.work.get(tasks[0]!.id)?.completion).toMatchObject({ by: 'casey', note: 'at her own wish' });
});
