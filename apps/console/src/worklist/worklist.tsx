import { Alert, Button, Checkbox, Group, SegmentedControl, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { useSearchParams } from 'react-router';
import type { Task } from '../shapes.js';
import { KeyHelp } from './key-help.js';
import { useSelection } from './selection.js';
import { useTaskDialogs } from './task-dialogs.js';
import { TaskRow, type Selection } from './task-row.js';
import { useTasks, type Scope } from './use-tasks.js';

const SCOPES = [
  { value: 'mine', label: 'Mine' },
  { value: 'team', label: 'My team' },
  { value: 'all', label: 'All' },
];
type Listed = 'due' | 'snoozed';

/** The moment the page counts from, moved on every half minute so that "late by" grows while one looks. */
export const useNow = (): number => {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
};

/** j, k and the arrows move the focus from row to row. */
const useRowKeys = (table: RefObject<HTMLTableElement | null>, escape: () => void): void => {
  const move = (step: 1 | -1): void => {
    const rows = [...(table.current?.querySelectorAll<HTMLElement>('tr[data-task]') ?? [])];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
  };
  useHotkeys([['j', () => move(1)], ['k', () => move(-1)], ['ArrowDown', () => move(1)], ['ArrowUp', () => move(-1)], ['Escape', () => !document.querySelector('[role="dialog"]') && escape(), { preventDefault: false }]]);
};

const emptyWords = (listed: Listed, scope: Scope): string => {
  if (listed === 'snoozed') return 'Nothing is snoozed.';
  return scope === 'mine' ? 'Nothing is yours to do now. Take a task from your team.' : 'Nothing is open. Well done.';
};

export const Worklist = () => {
  const [search, setSearch] = useSearchParams();
  const scope = (search.get('show') ?? 'all') as Scope;
  const listed: Listed = search.get('list') === 'snoozed' ? 'snoozed' : 'due';
  const due = useTasks(scope, false);
  const snoozed = useTasks(scope, true);
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = listed === 'due' ? due : snoozed;
  const tasks = data?.pages.flatMap((page) => page.items) ?? [];
  const aside = snoozed.data?.pages.flatMap((page) => page.items) ?? [];
  // What is snoozed has sunk below everything that is to do.
  const below = listed === 'due' && !hasNextPage ? aside : [];
  const { ask, dialogs } = useTaskDialogs();
  const { selection, bar, clear, all, count } = useSelection([...tasks, ...below]);
  const table = useRef<HTMLTableElement>(null);
  useRowKeys(table, clear);

  const late = tasks.filter((task) => task.status === 'overdue').length;
  const asideCount = `${aside.length}${snoozed.hasNextPage ? '+' : ''}`;
  const show = (change: Record<string, string>): void => setSearch((before) => ({ ...Object.fromEntries(before), ...change }), { replace: true });
  return (
    <Stack>
      <Group justify="space-between">
        <Stack gap={0}>
          <Title order={1} size="h2">
            Worklist
          </Title>
          <Text c="dimmed" role="status">
            {isPending ? 'Loading' : [`${tasks.length}${hasNextPage ? '+' : ''} ${listed === 'due' ? 'to do' : 'snoozed'}`, late > 0 && `${late} overdue`, listed === 'due' && aside.length > 0 && `${asideCount} snoozed`].filter(Boolean).join(', ')}
          </Text>
        </Stack>
        <Group gap="xs">
          <KeyHelp />
          <SegmentedControl aria-label="Which tasks" data={[{ value: 'due', label: 'To do' }, { value: 'snoozed', label: `Snoozed (${asideCount})` }]} value={listed} onChange={(list) => show({ list })} />
          <SegmentedControl aria-label="Whose tasks" data={SCOPES} value={scope} onChange={(value) => show({ show: value })} />
        </Group>
      </Group>
      {error && (
        <Alert color="red" title="The list could not be read">
          {error.message}
        </Alert>
      )}
      {isPending && <Skeleton h={240} />}
      {!isPending && tasks.length === 0 && <Text>{emptyWords(listed, scope)}</Text>}
      {tasks.length + below.length > 0 && (
        <Table.ScrollContainer minWidth={760}>
          <Table ref={table} verticalSpacing={5} highlightOnHover aria-label="Open tasks, the most urgent first">
            <Head count={count} of={tasks.length + below.length} onAll={all} onNone={clear} />
            <Rows tasks={tasks} selection={selection} ask={ask} />
            {below.length > 0 && <Rows title="Snoozed: back by themselves" tasks={below} selection={selection} ask={ask} />}
          </Table>
        </Table.ScrollContainer>
      )}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      {bar}
      {dialogs}
    </Stack>
  );
};

const Head = ({ count, of, onAll, onNone }: { readonly count: number; readonly of: number; readonly onAll: () => void; readonly onNone: () => void }) => (
  <Table.Thead>
    <Table.Tr>
      <Table.Th w={36}>
        <Checkbox size="xs" aria-label="Select all that are shown" checked={count > 0 && count === of} indeterminate={count > 0 && count < of} onChange={count > 0 ? onNone : onAll} />
      </Table.Th>
      {['Due', 'Patient', 'Task', 'Who', 'Do'].map((title) => (
        <Table.Th key={title}>{title}</Table.Th>
      ))}
    </Table.Tr>
  </Table.Thead>
);

interface RowsProps {
  readonly title?: string;
  readonly tasks: readonly Task[];
  readonly selection: Selection;
  readonly ask: Parameters<typeof TaskRow>[0]['ask'];
}

const Rows = ({ title, tasks, selection, ask }: RowsProps) => {
  const now = useNow();
  return (
    <Table.Tbody>
      {title && (
        <Table.Tr>
          <Table.Th colSpan={6} scope="rowgroup" c="dimmed" fw={600} fz="sm">
            {title}
          </Table.Th>
        </Table.Tr>
      )}
      {tasks.map((task) => (
        <TaskRow key={task.id} task={task} now={now} selection={selection} ask={ask} />
      ))}
    </Table.Tbody>
  );
};
