import { Anchor, Badge, Button, Checkbox, Group, Menu, Stack, Table, Text } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import { Link } from 'react-router';
import { nameOf } from '../patient/name-of.js';
import { referredWords } from '../patient/occasion-words.js';
import { useMayChange, useSession } from '../session/session.js';
import type { Task } from '../shapes.js';
import { day, dueWords, whenShort } from '../time-words.js';
import { useColleagues } from './colleagues.js';
import { useClaim, useUnsnooze } from './task-changes.js';
import type { AskTask } from './task-dialogs.js';
import { isOpen, snoozeWords } from './task-words.js';

/** Selecting several, where a list offers it. */
export interface Selection {
  readonly has: (task: Task) => boolean;
  readonly toggle: (task: Task) => void;
  /** Completes what is selected. */
  readonly complete: () => void;
}

interface TaskRowProps {
  readonly task: Task;
  readonly now: number;
  readonly showPatient?: boolean;
  readonly selection?: Selection;
  readonly ask: AskTask;
}

/** What a person can do with the task now: by key on the row itself, by button in it. */
const useDeeds = ({ task, selection, ask }: Pick<TaskRowProps, 'task' | 'selection' | 'ask'>) => {
  const { user } = useSession();
  const claim = useClaim();
  const unsnooze = useUnsnooze();
  const open = isOpen(task);
  const may = useMayChange() && open;
  const deeds = {
    complete: open ? () => (selection?.has(task) ? selection.complete() : ask('complete', task)) : undefined,
    claim: may && task.assignee !== user.sub ? () => claim.mutate(task) : undefined,
    assign: may ? () => ask('assign', task) : undefined,
    snooze: may ? () => ask('snooze', task) : undefined,
    unsnooze: may && task.snoozed ? () => unsnooze.mutate(task) : undefined,
    select: open && selection ? () => selection.toggle(task) : undefined,
    explain: () => ask('explain', task),
  };
  return { ...deeds, busy: claim.isPending || unsnooze.isPending };
};
type Deeds = ReturnType<typeof useDeeds>;

const onRowKey = (deeds: Deeds) => (event: KeyboardEvent) => {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys: Record<string, (() => void) | undefined> = { Enter: deeds.complete, c: deeds.claim, r: deeds.assign, s: deeds.snooze, u: deeds.unsnooze, x: deeds.select, w: deeds.explain };
  keys[event.key]?.();
};

export const TaskRow = ({ task, now, showPatient = true, selection, ask }: TaskRowProps) => {
  const { nameOfPerson } = useColleagues();
  const deeds = useDeeds({ task, ...(selection ? { selection } : {}), ask });
  const open = isOpen(task);
  const selected = selection?.has(task) ?? false;
  return (
    <Table.Tr
      tabIndex={0}
      data-task={task.id}
      data-step={task.stepId}
      data-status={task.status}
      {...(task.snoozed ? { 'data-snoozed': true } : {})}
      {...(selected ? { bg: 'var(--mantine-color-default-hover)' } : {})}
      aria-label={[task.label, nameOf(task.patient), open ? dueWords(task.dueAt, now) : task.status, task.snoozed && 'snoozed', selected && 'selected'].filter(Boolean).join(', ')}
      onKeyDown={onRowKey(deeds)}
    >
      {selection && (
        <Table.Td>
          <Checkbox size="xs" aria-label={`Select ${task.label}, ${nameOf(task.patient)}`} checked={selected} onChange={() => deeds.select?.()} />
        </Table.Td>
      )}
      <Table.Td>
        <Due task={task} now={now} />
      </Table.Td>
      {showPatient && (
        <Table.Td>
          <Anchor component={Link} to={`/patients/${task.patientId}`} size="sm">
            {nameOf(task.patient)}
          </Anchor>
          <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {[task.patient.birthDate && `born ${day(task.patient.birthDate)}`, task.patient.recordNumber].filter(Boolean).join(' · ')}
          </Text>
        </Table.Td>
      )}
      <Table.Td>
        <Text size="sm">{task.label}</Text>
        <Marks task={task} />
      </Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Text size="sm" {...(task.assignee ? {} : { c: 'dimmed' })} style={{ whiteSpace: 'nowrap' }}>
            {task.assignee ? nameOfPerson(task.assignee) : task.team}
          </Text>
          {deeds.claim && !task.assignee && (
            <Button size="compact-xs" variant="default" loading={deeds.busy} onClick={deeds.claim}>
              Take
            </Button>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <TaskActions task={task} deeds={deeds} />
      </Table.Td>
    </Table.Tr>
  );
};

const Due = ({ task, now }: Pick<TaskRowProps, 'task' | 'now'>) => {
  const late = task.status === 'overdue';
  const open = isOpen(task);
  return (
    <Stack gap={2} align="flex-start">
      <Badge color={late ? 'red' : open ? 'gray' : 'teal'} variant={late ? 'filled' : 'light'} tt="none" w="max-content" maw="none">
        {open ? dueWords(task.dueAt, now) : task.status}
      </Badge>
      <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {whenShort(task.dueAt, now)}
      </Text>
    </Stack>
  );
};

const Marks = ({ task }: { readonly task: Task }) => (
  <Group gap="xs">
    {task.occasion.kind === 'referral' && (
      <Text size="xs" c="dimmed">
        {referredWords(task.occasion.referredBy)}
      </Text>
    )}
    {task.occasion.urgency === 'urgent' && (
      <Badge size="sm" color="red" variant="light" tt="none">
        urgent
      </Badge>
    )}
    {task.snoozed && (
      <Text size="xs" c="dimmed">
        Snoozed {snoozeWords(task.snoozed)}
      </Text>
    )}
    {task.escalation > 0 && (
      <Badge size="sm" color="orange" variant="light" tt="none">
        told {task.escalatedTo ?? 'the next person'}
      </Badge>
    )}
    {task.backdated && (
      <Badge size="sm" color="gray" variant="light" tt="none">
        heard of late
      </Badge>
    )}
  </Group>
);

const TaskActions = ({ task, deeds }: { readonly task: Task; readonly deeds: Deeds }) => (
  <Group gap={2} wrap="nowrap">
    {deeds.complete && (
      <Button size="compact-sm" variant="light" onClick={deeds.complete}>
        Complete
      </Button>
    )}
    <Button size="compact-sm" variant="subtle" onClick={deeds.explain}>
      Why?
    </Button>
    {deeds.assign && (
      <Menu position="bottom-end" returnFocus>
        <Menu.Target>
          <Button size="compact-sm" variant="subtle" aria-label={`More for ${task.label}, ${nameOf(task.patient)}`}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={deeds.assign}>Give to somebody</Menu.Item>
          {task.assignee && deeds.claim && <Menu.Item onClick={deeds.claim}>Take over</Menu.Item>}
          <Menu.Item onClick={deeds.snooze}>{task.snoozed ? 'Snooze otherwise' : 'Snooze'}</Menu.Item>
          {deeds.unsnooze && <Menu.Item onClick={deeds.unsnooze}>Back on the list</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
    )}
  </Group>
);
