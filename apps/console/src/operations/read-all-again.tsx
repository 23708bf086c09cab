import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Problem } from '../api.js';
import { changes } from '../live/what-changes.js';
import { everythingInQuarantine, readAgain } from './quarantine.js';

interface Round {
  readonly running: boolean;
  /** Unknown until everything in quarantine is listed. */
  readonly total: number | null;
  readonly read: number;
  readonly accepted: number;
  /** No longer in quarantine when its turn came: somebody else was faster, or its sender sent it again. */
  readonly gone: number;
  readonly stopped: boolean;
  readonly error: string | null;
}
const BEGUN: Round = { running: true, total: null, read: 0, accepted: 0, gone: 0, stopped: false, error: null };

const oneAgain = async (id: string): Promise<'accepted' | 'kept' | 'gone'> => {
  try {
    return (await readAgain(id)).answer === 'AA' ? 'accepted' : 'kept';
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 409)) return 'gone';
    throw error;
  }
};

/** One after the other, so that it can be stopped after any, and others are served in between. */
const useReadAll = () => {
  const queries = useQueryClient();
  const [round, setRound] = useState<Round | null>(null);
  const going = useRef(false);
  useEffect(() => () => void (going.current = false), []);
  const tell = (part: Partial<Round>): void => setRound((before) => ({ ...(before ?? BEGUN), ...part }));
  const readEach = async (): Promise<void> => {
    const ids = await everythingInQuarantine(() => going.current);
    const counts = { accepted: 0, kept: 0, gone: 0 };
    tell({ total: ids.length });
    for (const [at, id] of ids.entries()) {
      if (!going.current) return tell({ stopped: true });
      counts[await oneAgain(id)] += 1;
      tell({ read: at + 1, accepted: counts.accepted, gone: counts.gone });
    }
  };
  const begin = async (): Promise<void> => {
    going.current = true;
    setRound(BEGUN);
    await readEach().catch((error: unknown) => tell({ error: error instanceof Error ? error.message : String(error) }));
    going.current = false;
    tell({ running: false });
    await queries.invalidateQueries(changes);
  };
  return { round, begin, stop: () => void (going.current = false) };
};

/** Everything in quarantine is read again: after an upgrade, or when a setting was corrected. */
export const ReadAllAgain = ({ offered }: { readonly offered: boolean }) => {
  const { round, begin, stop } = useReadAll();
  const running = round?.running ?? false;
  return (
    <Stack gap="xs">
      {(offered || running) && (
        <Group gap="sm">
          <Button size="xs" variant="default" onClick={() => (running ? stop() : void begin())}>
            {running ? 'Stop' : 'Read all again'}
          </Button>
          {running && <Text size="sm">{round?.total === null ? 'Looking what there is' : `${round?.read} of ${round?.total} read, ${round?.accepted} accepted`}</Text>}
        </Group>
      )}
      {running && <Progress value={round?.total ? (100 * round.read) / round.total : 0} aria-label="Read again" />}
      <div role="status">{round && !running && <Summary round={round} />}</div>
    </Stack>
  );
};

const Summary = ({ round: { total, read, accepted, gone, stopped, error } }: { readonly round: Round }) => (
  <Alert color={error ? 'red' : stopped ? 'orange' : 'teal'} title={error ? 'Not all were read again' : stopped ? 'Stopped' : 'All were read again'}>
    {`${read} of ${total ?? 'an unknown number'} read again: ${accepted} accepted, ${read - accepted - gone} still in quarantine${gone > 0 ? `, ${gone} had left it before` : ''}.`} {error}
  </Alert>
);
