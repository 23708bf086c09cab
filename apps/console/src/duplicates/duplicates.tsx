import { Alert, Button, Modal, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useRef, useState } from 'react';
import { useMayMerge } from '../session/session.js';
import { OnePersonForm, TwoPersonsForm } from './pair-dialogs.js';
import { pairId, usePairs, type Pair } from './pair.js';
import { PairCard, type Verdict } from './pair-card.js';

/** Records that may be one person's. A machine shows them; only a person says what they are. */
export const Duplicates = () => {
  const may = useMayMerge();
  return (
    <Stack>
      <div>
        <Title order={1} size="h2">
          Possible duplicates
        </Title>
        <Text c="dimmed">Two records that look like one person. Nothing is put together until somebody says so.</Text>
      </div>
      {may ? <Pairs /> : <Alert title="Not allowed">Coordinators and administrators say who is who.</Alert>}
    </Stack>
  );
};

const DIALOGS: Record<Verdict, { readonly title: string; readonly Form: typeof OnePersonForm; readonly done: string }> = {
  one: { title: 'One person', Form: OnePersonForm, done: 'One person from now on. The record that stands is shown in every list.' },
  two: { title: 'Two persons', Form: TwoPersonsForm, done: 'Two persons. They are not shown as a pair again.' },
};

const Pairs = () => {
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = usePairs();
  const [asked, setAsked] = useState<{ verdict: Verdict; pair: Pair } | null>(null);
  const [done, setDone] = useState<Verdict | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const pairs = data?.pages.flatMap(({ items }) => items) ?? [];
  const ask = (verdict: Verdict, pair: Pair): void => {
    setDone(null);
    setAsked({ verdict, pair });
  };
  const dialog = asked && DIALOGS[asked.verdict];
  return (
    <Stack ref={list} tabIndex={-1} role="group" aria-label="Pairs of records">
      <div role="status">{done && <Alert color="teal" title="Done">{DIALOGS[done].done}</Alert>}</div>
      {error && (
        <Alert color="red" title="The pairs could not be read">
          {error.message}
        </Alert>
      )}
      {isPending && <Skeleton h={240} />}
      {data && pairs.length === 0 && <Text>No two records look like one person.</Text>}
      {pairs.map((pair) => (
        <PairCard key={pairId(pair)} pair={pair} onVerdict={(verdict) => ask(verdict, pair)} />
      ))}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      <Modal opened={!!asked} onClose={() => setAsked(null)} title={dialog?.title} closeButtonProps={{ 'aria-label': 'Close' }} onExitTransitionEnd={() => done && list.current?.focus()}>
        {asked && dialog && (
          <dialog.Form
            pair={asked.pair}
            onDone={() => {
              setDone(asked.verdict);
              setAsked(null);
            }}
            onClose={() => setAsked(null)}
          />
        )}
      </Modal>
    </Stack>
  );
};
