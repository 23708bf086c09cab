import { Alert, Badge, Button, Group, Table, Text } from '@mantine/core';
import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { get, post, type Page } from '../api.js';
import { changes } from '../live/what-changes.js';
import { Card } from '../patient/card.js';
import { when } from '../time-words.js';
import { PARKING, type Handled, type Parked, type Parking } from './operations-shapes.js';
import { RowsTable } from './rows-table.js';
import { WholeMessage, type Opened } from './whole-message.js';

interface Row extends Parked {
  readonly service: Parking;
}

const REASONS: Readonly<Record<string, string>> = {
  invalid: 'not as its contract says',
  undecodable: 'not one of our events',
  failed: 'a defect: it failed by itself',
  'process-died': 'it killed the service three times',
  unavailable: 'what it needs is away',
  behind: 'behind one that cannot be handled',
};
const OUTCOMES: Record<Handled['outcome'], { readonly color: string; readonly title: string }> = {
  done: { color: 'teal', title: 'Handled' },
  failed: { color: 'orange', title: 'It failed again, for the reason that stands in the list' },
  waiting: { color: 'orange', title: 'What it needs is away: it is tried again by itself' },
};

const pathOf = ({ service, id }: Row): string => `/api/${service}/parked/${id}`;
const wordsOf = ({ service, id }: Row): string => `${service} ${id}`;

/** Each service is asked for itself: one that is away hides nothing of the others. */
const useParked = () =>
  useQueries({
    queries: PARKING.map((service) => ({ queryKey: ['parked', service], queryFn: () => get<Page<Parked>>(`/api/${service}/parked`, { limit: '200' }), refetchInterval: 15_000 })),
    combine: (answers) => ({
      rows: answers.flatMap(({ data }, at): Row[] => (data?.items ?? []).map((row) => ({ ...row, service: PARKING[at]! }))),
      more: PARKING.filter((_, at) => answers[at]?.data?.nextCursor),
      away: answers.flatMap(({ error }, at) => (error ? [`${PARKING[at]}: ${error.message}`] : [])),
      isPending: answers.some(({ isPending }) => isPending),
    }),
  });

/** What a service could not handle, with what follows it of the same patient. Everybody else flows on. */
export const ParkedCard = () => {
  const { rows, more, away, isPending } = useParked();
  const queries = useQueryClient();
  const [opened, setOpened] = useState<Opened | null>(null);
  const again = useMutation({ mutationFn: (row: Row) => post<Handled>(`${pathOf(row)}/replay`, {}, { key: crypto.randomUUID() }), onSettled: () => queries.invalidateQueries(changes) });
  return (
    <Card title="Parked messages" pending={isPending}>
      <div role="status">{again.data && <Outcome row={again.variables} result={again.data} />}</div>
      {again.error && (
        <Alert color="red" title="Not tried again">
          {again.error.message}
        </Alert>
      )}
      {away.length > 0 && (
        <Alert color="red" title="Not every service could be asked">
          {away.join(' ')}
        </Alert>
      )}
      {rows.length === 0 && away.length === 0 && <Text>Nothing is parked: every service handled all that it read.</Text>}
      {rows.length > 0 && <Rows rows={rows} busy={again.isPending ? again.variables : null} onAgain={(row) => again.mutate(row)} onShow={(row) => setOpened({ title: wordsOf(row), path: pathOf(row) })} />}
      {more.length > 0 && <Text size="sm">{`More than 200 are parked in ${more.join(', ')}: \`throughline parked list\` shows them all.`}</Text>}
      <WholeMessage opened={opened} onClose={() => setOpened(null)} />
    </Card>
  );
};

const Outcome = ({ row, result: { outcome, replayed, left } }: { readonly row: Row; readonly result: Handled }) => (
  <Alert color={OUTCOMES[outcome].color} title={OUTCOMES[outcome].title}>
    {`${wordsOf(row)}: ${replayed} handled, ${left} still parked with it.`}
  </Alert>
);

interface RowsProps {
  readonly rows: readonly Row[];
  /** The one that is being handled. */
  readonly busy: Row | null;
  readonly onAgain: (row: Row) => void;
  readonly onShow: (row: Row) => void;
}

const Rows = ({ rows, busy, onAgain, onShow }: RowsProps) => (
  <RowsTable label="Parked messages, by service, in the order they came" titles={['Service', 'Message', 'Parked', 'Why', 'Do']}>
    {rows.map((row) => (
      <Table.Tr key={wordsOf(row)} data-parked={wordsOf(row)}>
        <Table.Td>{wordsOf(row)}</Table.Td>
        <Table.Td>
          {row.type ?? 'no type'}
          <Text size="xs" c="dimmed">{`topic ${row.topic}${row.correlationId ? `, correlation id ${row.correlationId}` : ''}`}</Text>
        </Table.Td>
        <Table.Td>
          <Text size="sm">{when(row.at)}</Text>
          <Text size="xs" c="dimmed">{`tried ${row.tries === 1 ? 'once' : `${row.tries} times`}${row.nextAt ? `, again ${when(row.nextAt)}` : ''}`}</Text>
        </Table.Td>
        <Table.Td>
          <Badge color={row.state === 'parked' ? 'red' : 'gray'} variant="light" tt="none">
            {row.reason}
          </Badge>
          <Text size="xs" c="dimmed">
            {REASONS[row.reason] ?? ''}
          </Text>
        </Table.Td>
        <Table.Td>
          <Group gap={4} wrap="nowrap">
            {row.state !== 'behind' && (
              <Button size="compact-sm" variant="light" aria-label={`Try again ${wordsOf(row)}`} loading={busy === row} onClick={() => onAgain(row)}>
                Try again
              </Button>
            )}
            <Button size="compact-sm" variant="subtle" aria-label={`Show ${wordsOf(row)}`} onClick={() => onShow(row)}>
              Show
            </Button>
          </Group>
        </Table.Td>
      </Table.Tr>
    ))}
  </RowsTable>
);
