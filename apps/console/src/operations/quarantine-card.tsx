import { Alert, Button, Group, List, Table, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changes } from '../live/what-changes.js';
import { Card } from '../patient/card.js';
import { when } from '../time-words.js';
import type { Inbound, ReadAgain } from './operations-shapes.js';
import { messagePath, messageWords, readAgain, reasonWords, useQuarantine } from './quarantine.js';
import { ReadAllAgain } from './read-all-again.js';
import { RowsTable } from './rows-table.js';
import { WholeMessage, type Opened } from './whole-message.js';

/** What could not be read, until it can be, or until its sender corrects it. */
export const QuarantineCard = () => {
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useQuarantine();
  const queries = useQueryClient();
  const [opened, setOpened] = useState<Opened | null>(null);
  const again = useMutation({ mutationFn: ({ id }: Inbound) => readAgain(id), onSettled: () => queries.invalidateQueries(changes) });
  const messages = data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Card title="Quarantine" pending={isPending} error={error} {...(messages.length > 0 ? { actions: <Text size="sm" c="dimmed">{`${messages.length}${hasNextPage ? '+' : ''} could not be read`}</Text> } : {})}>
      <div role="status">{again.data && <Outcome message={again.variables} result={again.data} />}</div>
      {again.error && (
        <Alert color="red" title="Not read again">
          {again.error.message}
        </Alert>
      )}
      {data && messages.length === 0 && <Text>Nothing is in quarantine: everything that came in could be read.</Text>}
      <ReadAllAgain offered={messages.length > 0} />
      {messages.length > 0 && (
        <>
          <Text size="sm" c="dimmed">
            Each is kept to the byte. &ldquo;Show&rdquo; opens the message itself: it holds patient data, and that you looked is on record.
          </Text>
          <Messages messages={messages} busy={again.isPending ? again.variables.id : null} onShow={(message) => setOpened({ title: messageWords(message), path: messagePath(message.id) })} onReadAgain={(message) => again.mutate(message)} />
        </>
      )}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      <WholeMessage opened={opened} onClose={() => setOpened(null)} />
    </Card>
  );
};

const Outcome = ({ message, result }: { readonly message: Inbound; readonly result: ReadAgain }) => (
  <Alert color={result.answer === 'AA' ? 'teal' : 'orange'} title={result.answer === 'AA' ? `Accepted: ${messageWords(message)}` : `Still not readable: ${messageWords(message)}`}>
    {result.answer === 'AA' ? 'It left quarantine, and is decided as if it had been readable when it came.' : result.reasons.map(reasonWords).join(' ')}
  </Alert>
);

interface MessagesProps {
  readonly messages: readonly Inbound[];
  /** The one that is being read. */
  readonly busy: string | null;
  readonly onShow: (message: Inbound) => void;
  readonly onReadAgain: (message: Inbound) => void;
}

const Messages = ({ messages, busy, onShow, onReadAgain }: MessagesProps) => (
  <RowsTable label="Messages in quarantine, the newest first" titles={['Received', 'From', 'Message', 'Why', 'Do']}>
    {messages.map((message) => (
      <Table.Tr key={message.id} data-inbound={message.id}>
        <Table.Td>
          <Text size="sm">{when(message.receivedAt)}</Text>
          {message.arrivals > 1 && <Text size="xs" c="dimmed">{`sent ${message.arrivals} times`}</Text>}
        </Table.Td>
        <Table.Td>{message.sender}</Table.Td>
        <Table.Td>
          {message.trigger || 'no type'}
          <Text size="xs" c="dimmed">{`${message.controlId || 'no control id'}, answered ${message.answer}`}</Text>
        </Table.Td>
        <Table.Td>
          <List size="sm" listStyleType="none">
            {message.reasons?.map((reason) => (
              <List.Item key={reasonWords(reason)}>{reasonWords(reason)}</List.Item>
            ))}
          </List>
        </Table.Td>
        <Table.Td>
          <Group gap={4} wrap="nowrap">
            <Button size="compact-sm" variant="light" aria-label={`Read again ${messageWords(message)}`} loading={busy === message.id} onClick={() => onReadAgain(message)}>
              Read again
            </Button>
            <Button size="compact-sm" variant="subtle" aria-label={`Show ${messageWords(message)}`} onClick={() => onShow(message)}>
              Show
            </Button>
          </Group>
        </Table.Td>
      </Table.Tr>
    ))}
  </RowsTable>
);
