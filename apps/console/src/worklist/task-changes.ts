import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { get, post, Problem } from '../api.js';
import { changes } from '../live/what-changes.js';
import type { Completion, Task } from '../shapes.js';
import { useColleagues } from './colleagues.js';
import { standingWords } from './task-words.js';

const CLOSE = { 'aria-label': 'Close this message' };
const failed = (message: string): void => void notifications.show({ color: 'red', title: 'Not done', message, autoClose: 10_000, closeButtonProps: CLOSE });

export const isStale = (error: Error | null): boolean => error instanceof Problem && error.status === 412;
export const STALE = 'Somebody changed this task while you looked at it.';

/** `inDialog`: the dialog itself shows what went wrong, where the person is looking. */
const useChange = <Input>(done: string | ((input: Input) => string), change: (input: Input) => Promise<unknown>, { inDialog = false } = {}) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (_answer, input) => notifications.show({ color: 'teal', message: typeof done === 'string' ? done : done(input), closeButtonProps: CLOSE }),
    onError: (error) => (inDialog ? undefined : failed(error.message)),
    onSettled: () => queries.invalidateQueries(changes),
  });
};

const taskPath = (task: Task, verb: string): string => `/api/care-plan/tasks/${task.id}/${verb}`;

/** A key press or a click in the row, without a dialog: what came between is told with how the task stands now. */
const useRowChange = (done: string, verb: 'claim' | 'unsnooze') => {
  const queries = useQueryClient();
  const { nameOfPerson } = useColleagues();
  return useMutation({
    mutationFn: (task: Task) => post(taskPath(task, verb), {}, { key: `${verb}-${task.id}-${task.version}`, version: task.version }),
    onSuccess: () => notifications.show({ color: 'teal', message: done, closeButtonProps: CLOSE }),
    onError: async (error, task) => {
      if (!isStale(error)) return failed(error.message);
      const fresh = await get<Task>(`/api/care-plan/tasks/${task.id}`);
      failed(`${STALE} ${standingWords(fresh, Date.now(), nameOfPerson)}`);
    },
    onSettled: () => queries.invalidateQueries(changes),
  });
};

export const useClaim = () => useRowChange('The task is yours', 'claim');
export const useUnsnooze = () => useRowChange('Back on the list', 'unsnooze');

export const useComplete = () =>
  useChange(
    'Completed',
    ({ task, outcome, note, key }: { task: Task; outcome: string; note?: string | undefined; key: string }) => post(taskPath(task, 'complete'), { outcome, ...(note ? { note } : {}) }, { key, version: task.version }),
    { inDialog: true },
  );

export const useAssign = () =>
  useChange(
    ({ name }) => `Given to ${name}`,
    ({ task, assignee, key }: { task: Task; assignee: string | null; name: string; key: string }) => post(taskPath(task, 'assign'), { assignee }, { key, version: task.version }),
    { inDialog: true },
  );

export const useSnooze = () =>
  useChange(
    'Snoozed: it comes back by itself',
    ({ task, key, note, ...snooze }: { task: Task; until: string; reason: string; note?: string | undefined; key: string }) => post(taskPath(task, 'snooze'), { ...snooze, ...(note ? { note } : {}) }, { key, version: task.version }),
    { inDialog: true },
  );

/** Each of them is answered for itself. */
export const useCompleteMany = () => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ tasks, outcome, note, key }: { tasks: readonly Task[]; outcome: string; note?: string | undefined; key: string }) =>
      (await post<{ results: Completion[] }>('/api/care-plan/tasks/complete', { tasks: tasks.map(({ id, version }) => ({ id, version })), outcome, ...(note ? { note } : {}) }, { key })).results,
    onSettled: () => queries.invalidateQueries(changes),
  });
};

export interface ContactInput {
  readonly patientId: string;
  readonly episodeId?: string | undefined;
  readonly at: string;
  readonly mode: string;
  readonly with: string;
  readonly outcome: string;
}
export const useRecordContact = () => useChange('Contact recorded', ({ contact, key }: { contact: ContactInput; key: string }) => post('/api/care-plan/contacts', contact, { key }));

export const useCompleteReconciliation = () =>
  useChange('Reconciliation attested', ({ id, version }: { id: string; version: number }) =>
    post(`/api/medication-reconciliation/reconciliations/${id}/complete`, {}, { key: `reconciled-${id}-${version}`, version }),
  );

export const useBook = () =>
  useChange('Visit recorded', ({ id, version, ...visit }: { id: string; version: number; at: string; mode: string; outsideWindow?: boolean }) =>
    post(`/api/scheduling/follow-ups/${id}/book`, visit, { key: `booked-${id}-${version}-${visit.at}-${visit.outsideWindow ? 'outside' : 'inside'}`, version }),
  );
