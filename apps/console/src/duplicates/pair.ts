import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { get, post, type Page } from '../api.js';
import { changes } from '../live/what-changes.js';
import { day } from '../time-words.js';

export interface PatientRecord {
  readonly id: string;
  readonly name: string;
  readonly birthDate: string | null;
  readonly recordNumber: string | null;
  readonly recordAuthority: string | null;
  readonly deceased: boolean;
}

/** Two records that may be one person's. */
export interface Pair {
  readonly because: readonly string[];
  readonly records: readonly [PatientRecord, PatientRecord];
}

export const usePairs = () =>
  useInfiniteQuery({
    queryKey: ['duplicates'],
    queryFn: ({ pageParam }) => get<Page<Pair>>('/api/intake/duplicates', { limit: '25', cursor: pageParam }),
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });

/** The dialog itself shows what went wrong, where the person is looking. */
const useSaying = <Input extends { readonly key: string }>(said: (input: Input) => { readonly path: string; readonly body: object }) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => {
      const { path, body } = said(input);
      return post(path, body, { key: input.key });
    },
    onSettled: () => queries.invalidateQueries(changes),
  });
};

const path = (id: string, verb: string): string => `/api/intake/patients/${id}/${verb}`;

export const useOnePerson = () => useSaying(({ retired, into, reason }: { retired: string; into: string; reason: string; key: string }) => ({ path: path(retired, 'merge'), body: { into, reason } }));
export const useTwoPersons = () => useSaying(({ id, other, reason }: { id: string; other: string; reason: string; key: string }) => ({ path: path(id, 'two-persons'), body: { other, reason } }));
export const usePart = () => useSaying(({ id, reason }: { id: string; reason: string; key: string }) => ({ path: path(id, 'unmerge'), body: { reason } }));

const SAME: Readonly<Record<string, string>> = { name: 'name', 'birth-date': 'birth date', sex: 'sex', phone: 'telephone' };
/** `Same name, birth date and sex`. */
export const becauseWords = (because: readonly string[]): string => `Same ${new Intl.ListFormat('en', { type: 'conjunction' }).format(because.map((code) => SAME[code] ?? code))}`;

/** `record 700001 of NSH`. */
export const numberWords = ({ recordNumber, recordAuthority }: Pick<PatientRecord, 'recordNumber' | 'recordAuthority'>): string =>
  recordNumber ? `record ${recordNumber}${recordAuthority ? ` of ${recordAuthority}` : ''}` : 'no record number';

export const recordWords = (record: PatientRecord): string =>
  [record.birthDate && `born ${day(record.birthDate)}`, numberWords(record), record.deceased && 'deceased'].filter(Boolean).join(', ');

/** The names and dates of the two tell nothing apart: the number does. */
export const pairId = ({ records: [first, second] }: Pair): string => `${first.id} ${second.id}`;
