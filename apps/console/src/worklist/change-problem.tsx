import { Alert, Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get } from '../api.js';
import type { Task } from '../shapes.js';
import { useColleagues } from './colleagues.js';
import { isStale, STALE } from './task-changes.js';
import { isOpen, standingWords } from './task-words.js';

interface ChangeProblemProps {
  readonly task: Task;
  readonly error: Error | null;
  /** The person read how the task stands and goes on from there. */
  readonly onFresh: (task: Task) => void;
}

/** Why a change was not made, in the dialog that asked for it. Somebody was faster: how the task stands now, and a way on. */
export const ChangeProblem = ({ task, error, onFresh }: ChangeProblemProps) => {
  if (!error) return null;
  return (
    <Alert color="red" title="Not done">
      {isStale(error) ? <Stale task={task} onFresh={onFresh} /> : error.message}
    </Alert>
  );
};

const Stale = ({ task, onFresh }: Omit<ChangeProblemProps, 'error'>) => {
  const { nameOfPerson } = useColleagues();
  const { data: fresh } = useQuery({ queryKey: ['task', task.id], queryFn: () => get<Task>(`/api/care-plan/tasks/${task.id}`), staleTime: 0 });
  return (
    <Stack gap="xs" align="flex-start">
      <Text size="sm">
        {STALE} {fresh && standingWords(fresh, Date.now(), nameOfPerson)}
      </Text>
      {fresh && isOpen(fresh) && fresh.version !== task.version && (
        <Button size="xs" variant="default" onClick={() => onFresh(fresh)}>
          Go on with the task as it is now
        </Button>
      )}
    </Stack>
  );
};
