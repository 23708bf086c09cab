import { Refused } from '@throughline/kernel/refused';
import type { TaskOwner } from './reads.js';
import { completeTask } from './complete-task.js';
import type { Tx } from './ports.js';

export interface Completions {
  /** Each with the version that the person saw. */
  readonly tasks: readonly { readonly id: string; readonly version: number }[];
  readonly outcome: string;
  readonly note?: string | undefined;
}

/** What became of one of them. `version` is the one it has now. */
export type CompletionResult = { readonly id: string } & (
  | { readonly result: 'completed'; readonly version: number }
  | { readonly result: 'stale-version'; readonly version: number }
  | { readonly result: 'not-allowed'; readonly version: number; readonly reason: string; readonly detail: string }
  | { readonly result: 'not-found' }
);

/** A person says of several tasks at once that they are done, and how. One that cannot be keeps no other from it. */
export const completeTasks = async ({ tasks, outcome, note }: Completions, owners: ReadonlyMap<string, TaskOwner>, tx: Tx): Promise<CompletionResult[]> => {
  const results: CompletionResult[] = [];
  // One after the other: two of one patient see each other.
  for (const task of tasks) results.push(await completeOne(task, { outcome, note }, owners.get(task.id), tx));
  return results;
};

const completeOne = async ({ id, version: seen }: Completions['tasks'][number], how: Pick<Completions, 'outcome' | 'note'>, owner: TaskOwner | undefined, tx: Tx): Promise<CompletionResult> => {
  const versionNow = async (): Promise<number | undefined> => owner && (await tx.person(owner.patientId)).tasks.find((task) => task.taskId === id)?.version;
  const version = await versionNow();
  if (!owner || version === undefined) return { id, result: 'not-found' };
  if (version !== seen) return { id, result: 'stale-version', version };
  try {
    await completeTask({ patientId: owner.patientId, taskId: id, ...how }, tx);
    return { id, result: 'completed', version: (await versionNow()) ?? version };
  } catch (error) {
    // It is refused before anything is staged, so the others of the transaction stand.
    if (error instanceof Refused) return { id, result: 'not-allowed', version, reason: error.reason, detail: error.remedy };
    throw error;
  }
};
