import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post, Problem } from '../api.js';
import type { Task } from '../shapes.js';

const explain = (error: Error): string =>
  error instanceof Problem && error.status === 412 ? 'Somebody changed this task while you looked at it. The list shows it as it is now; look again and repeat.' : error.message;

const CLOSE = { 'aria-label': 'Close this message' };

const useChange = <Input>(done: string, change: (input: Input) => Promise<unknown>) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => notifications.show({ color: 'teal', message: done, closeButtonProps: CLOSE }),
    onError: (error) => notifications.show({ color: 'red', title: 'Not done', message: explain(error), autoClose: 10_000, closeButtonProps: CLOSE }),
    onSettled: () => queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' }),
  });
};

export const useClaim = () => useChange('The task is yours', (task: Task) => post(`/api/care-plan/tasks/${task.id}/claim`, {}, { key: `claim-${task.id}-${task.version}`, version: task.version }));

export const useComplete = () =>
  useChange('Completed', ({ task, outcome, note }: { task: Task; outcome: string; note?: string }) =>
    post(`/api/care-plan/tasks/${task.id}/complete`, { outcome, ...(note ? { note } : {}) }, { key: `complete-${task.id}-${task.version}`, version: task.version }),
  );

export interface ContactInput {
  readonly patientId: string;
  readonly episodeId?: string;
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
