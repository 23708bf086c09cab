import { useInfiniteQuery } from '@tanstack/react-query';
import { get, post, type Page } from '../api.js';
import type { Inbound, ReadAgain, Reason } from './operations-shapes.js';

const path = '/api/intake/inbound';

const page = (cursor: string, limit: string): Promise<Page<Inbound>> => get(path, { outcome: 'quarantined', limit, cursor });

export const useQuarantine = () =>
  useInfiniteQuery({ queryKey: ['quarantine'], queryFn: ({ pageParam }) => page(pageParam, '50'), initialPageParam: '', getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined });

/** Oldest first: what a sender said first is read first. */
export const everythingInQuarantine = async (goOn: () => boolean): Promise<readonly string[]> => {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null && goOn(); ) {
    const { items, nextCursor }: Page<Inbound> = await page(cursor, '200');
    ids.push(...items.map(({ id }) => id));
    cursor = nextCursor;
  }
  return ids.reverse();
};

/** By today's version and settings. Reading twice changes nothing, so each click may be a request of its own. */
export const readAgain = (id: string): Promise<ReadAgain> => post(`${path}/${id}/replay`, {}, { key: crypto.randomUUID() });

export const messagePath = (id: string): string => `${path}/${id}`;

export const reasonWords = ({ code, where, text }: Reason): string => `${code} ${where ? `${where}: ` : ''}${text}`;
/** `ADT^A24 G-128`; the header may be what could not be read. */
export const messageWords = ({ trigger, controlId }: Inbound): string => `${trigger || 'no type'} ${controlId || 'no control id'}`;
