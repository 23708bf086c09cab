import { Badge, Button, Table, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { get, type Page } from '../api.js';
import { Card } from '../patient/card.js';
import { duration, when } from '../time-words.js';
import type { Sender } from './operations-shapes.js';
import { RowsTable } from './rows-table.js';

type Senders = Page<Sender> & { readonly countedAt: string | null };

const STATES: Record<Sender['state'], { readonly color: string; readonly text: string }> = {
  steady: { color: 'teal', text: 'steady' },
  silent: { color: 'red', text: 'silent' },
  new: { color: 'gray', text: 'new: too little is known' },
  gone: { color: 'gray', text: 'gone for four weeks' },
};

/** Whether everything that a hospital sends arrives only the hospital knows; that it has stopped shows here. */
export const SendersCard = () => {
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['senders'],
    queryFn: ({ pageParam }) => get<Senders>('/api/intake/senders', { limit: '100', cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const senders = data?.pages.flatMap(({ items }) => items) ?? [];
  const countedAt = data?.pages[0]?.countedAt;
  return (
    <Card title="Senders" pending={isPending} error={error} actions={<Text size="sm" c="dimmed">{countedAt && `counted up to ${when(countedAt)}`}</Text>}>
      {data && senders.length === 0 && <Text>{countedAt ? 'Nobody had sent anything by then.' : 'Nothing is counted yet: the first count comes within a minute.'}</Text>}
      {senders.length > 0 && <Rows senders={senders} />}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </Card>
  );
};

const answers = ({ AA, AE, AR }: Sender['today']): string => `${AA}/${AE}/${AR}`;

const Rows = ({ senders }: { readonly senders: readonly Sender[] }) => (
  <RowsTable label="Who sends, and how it was answered" titles={['Sender', 'State', 'Last new message', 'Usual gap', 'Today AA/AE/AR', 'Repeats', '7 days AA/AE/AR', 'Repeats', 'In quarantine']}>
    {senders.map(({ sender, state, lastMessageAt, usualGapSeconds, today, week, quarantined }) => (
      <Table.Tr key={sender} data-sender={sender}>
        <Table.Td>{sender}</Table.Td>
        <Table.Td>
          <Badge color={STATES[state].color} variant="light" tt="none" w="max-content" maw="none">
            {STATES[state].text}
          </Badge>
        </Table.Td>
        <Table.Td>{when(lastMessageAt)}</Table.Td>
        <Table.Td>{usualGapSeconds === null ? <Text c="dimmed">not known yet</Text> : duration(usualGapSeconds * 1_000)}</Table.Td>
        <Table.Td>{answers(today)}</Table.Td>
        <Table.Td>{today.repeats}</Table.Td>
        <Table.Td>{answers(week)}</Table.Td>
        <Table.Td>{week.repeats}</Table.Td>
        <Table.Td>{quarantined}</Table.Td>
      </Table.Tr>
    ))}
  </RowsTable>
);
