import { Anchor, Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { Link } from 'react-router';
import { nameOf } from '../patient/name-of.js';
import { useSession } from '../session/session.js';
import type { Task } from '../shapes.js';
import { day, dueWords, when } from '../time-words.js';
import { useClaim } from './task-changes.js';

interface TaskRowProps {
  readonly task: Task;
  readonly now: number;
  readonly showPatient?: boolean;
  readonly onExplain: (task: Task) => void;
  readonly onComplete: (task: Task) => void;
}

/** Enter completes, w explains, c claims: the row itself takes the focus. */
export const TaskRow = ({ task, now, showPatient = true, onExplain, onComplete }: TaskRowProps) => {
  const { user } = useSession();
  const claim = useClaim();
  const late = task.status === 'overdue';
  const open = late || task.status === 'open';
  const keys: Record<string, () => void> = {
    Enter: () => open && onComplete(task),
    w: () => onExplain(task),
    c: () => open && !task.assignee && claim.mutate(task),
  };
  return (
    <Table.Tr
      tabIndex={0}
      data-task={task.id}
      data-step={task.stepId}
      data-status={task.status}
      aria-label={`${task.label}, ${nameOf(task.patient)}, ${open ? dueWords(task.dueAt, now) : task.status}`}
      onKeyDown={(event) => {
        if (event.target === event.currentTarget) keys[event.key]?.();
      }}
    >
      <Table.Td>
        <Stack gap={2}>
          <Badge color={late ? 'red' : open ? 'gray' : 'teal'} variant={late ? 'filled' : 'light'} tt="none">
            {open ? dueWords(task.dueAt, now) : task.status}
          </Badge>
          <Text size="xs" c="dimmed">
            {when(task.dueAt)}
          </Text>
        </Stack>
      </Table.Td>
      {showPatient && (
        <Table.Td>
          <Anchor component={Link} to={`/patients/${task.patientId}`}>
            {nameOf(task.patient)}
          </Anchor>
          <Text size="xs" c="dimmed">
            {[task.patient.birthDate && `born ${day(task.patient.birthDate)}`, task.patient.recordNumber].filter(Boolean).join(' · ')}
          </Text>
        </Table.Td>
      )}
      <Table.Td>
        <Text size="sm">{task.label}</Text>
        <Group gap="xs">
          {task.escalation > 0 && (
            <Badge size="xs" color="orange" variant="light">
              told {task.escalatedTo ?? 'the next person'}
            </Badge>
          )}
          {task.backdated && (
            <Badge size="xs" color="gray" variant="light">
              heard of late
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <Text size="sm">{task.assignee ? (task.assignee === user.sub ? 'Me' : task.assignee) : <Text span c="dimmed" size="sm">{task.team}</Text>}</Text>
      </Table.Td>
      <Table.Td>
        <TaskActions task={task} open={open} claiming={claim.isPending} onClaim={() => claim.mutate(task)} onExplain={onExplain} onComplete={onComplete} />
      </Table.Td>
    </Table.Tr>
  );
};

interface TaskActionsProps extends Pick<TaskRowProps, 'task' | 'onExplain' | 'onComplete'> {
  readonly open: boolean;
  readonly claiming: boolean;
  readonly onClaim: () => void;
}

const TaskActions = ({ task, open, claiming, onClaim, onExplain, onComplete }: TaskActionsProps) => (
  <Group gap="xs" wrap="nowrap">
    {open && (
      <Button size="compact-sm" onClick={() => onComplete(task)}>
        Complete
      </Button>
    )}
    {open && !task.assignee && (
      <Button size="compact-sm" variant="default" loading={claiming} onClick={onClaim}>
        Take
      </Button>
    )}
    <Button size="compact-sm" variant="subtle" onClick={() => onExplain(task)}>
      Why?
    </Button>
  </Group>
);
