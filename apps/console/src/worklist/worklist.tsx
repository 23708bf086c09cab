import { Alert, Button, Group, SegmentedControl, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { get, type Page } from '../api.js';
import { teamOf, useSession } from '../session/session.js';
import type { Task } from '../shapes.js';
import { CompleteTask } from './complete-task.js';
import { TaskRow } from './task-row.js';
import { WhyHere } from './why-here.js';

type Scope = 'mine' | 'team' | 'all';
const SCOPES = [
  { value: 'mine', label: 'Mine' },
  { value: 'team', label: 'My team' },
  { value: 'all', label: 'All' },
];

/** The moment the page counts from, moved on every half minute so that "late by" grows while one looks. */
export const useNow = (): number => {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
};

const useTasks = (scope: Scope) => {
  const { user, roles } = useSession();
  return useInfiniteQuery({
    queryKey: ['tasks', scope],
    queryFn: ({ pageParam }) =>
      get<Page<Task>>('/api/care-plan/tasks', {
        status: 'open',
        limit: '100',
        cursor: pageParam,
        assignee: scope === 'mine' ? user.sub : undefined,
        team: scope === 'team' ? teamOf(roles) : undefined,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
};

export const Worklist = () => {
  const [search, setSearch] = useSearchParams();
  const scope = (search.get('show') ?? 'all') as Scope;
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useTasks(scope);
  const [explained, setExplained] = useState<Task | null>(null);
  const [completed, setCompleted] = useState<Task | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const now = useNow();

  const move = (step: 1 | -1): void => {
    const rows = [...(body.current?.querySelectorAll<HTMLElement>('tr[data-task]') ?? [])];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
  };
  useHotkeys([['j', () => move(1)], ['k', () => move(-1)], ['ArrowDown', () => move(1)], ['ArrowUp', () => move(-1)]]);

  const tasks = data?.pages.flatMap((page) => page.items) ?? [];
  const late = tasks.filter((task) => task.status === 'overdue').length;
  return (
    <Stack>
      <Group justify="space-between">
        <Stack gap={0}>
          <Title order={1} size="h2">
            Worklist
          </Title>
          <Text c="dimmed" role="status">
            {isPending ? 'Loading' : `${tasks.length}${hasNextPage ? '+' : ''} open${late > 0 ? `, ${late} overdue` : ''}`}
          </Text>
        </Stack>
        <SegmentedControl aria-label="Whose tasks" data={SCOPES} value={scope} onChange={(value) => setSearch({ show: value }, { replace: true })} />
      </Group>
      {error && (
        <Alert color="red" title="The list could not be read">
          {error.message}
        </Alert>
      )}
      {isPending && <Skeleton h={240} />}
      {!isPending && tasks.length === 0 && <Text>{scope === 'mine' ? 'Nothing is yours yet. Take a task from your team.' : 'Nothing is open. Well done.'}</Text>}
      {tasks.length > 0 && (
        <Table.ScrollContainer minWidth={720}>
          <Table verticalSpacing="xs" highlightOnHover aria-label="Open tasks, the most urgent first">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Due</Table.Th>
                <Table.Th>Patient</Table.Th>
                <Table.Th>Task</Table.Th>
                <Table.Th>Who</Table.Th>
                <Table.Th>
                  <Text span size="sm" fw={700}>
                    Do
                  </Text>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody ref={body}>
              {tasks.map((task) => (
                <TaskRow key={task.id} task={task} now={now} onExplain={setExplained} onComplete={setCompleted} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      <WhyHere task={explained} onClose={() => setExplained(null)} />
      <CompleteTask task={completed} onClose={() => setCompleted(null)} />
    </Stack>
  );
};
