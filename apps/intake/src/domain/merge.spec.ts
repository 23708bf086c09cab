import fc from 'fast-check';
import { hearMerge, mergesInForce, part, personsOf } from './merge.js';
import { newPatient, type PatientState } from './patient.js';

const IDS = ['a', 'b', 'c', 'd'];
const time = (hour: number): string => new Date(Date.UTC(2026, 2, 1, hour)).toISOString();

type Word = { readonly record: string; readonly hour: number; readonly into?: string };

/** What was said, in the order in which it came: `into` absent = they are two. */
const after = (words: readonly Word[], ids = IDS): readonly PatientState[] => {
  const records = new Map(ids.map((id) => [id, newPatient(id)]));
  for (const [place, { record, hour, into }] of words.entries()) {
    const stamp = { at: time(hour), receivedAt: time(hour), by: `${record} ${into ?? 'alone'} ${hour} ${into === undefined ? place : ''}` };
    const known = records.get(record)!;
    records.set(record, into === undefined ? part(known, stamp) : hearMerge(known, { ...stamp, into }));
  }
  return [...records.values()];
};
const survivors = (words: readonly Word[]): Record<string, string> =>
  Object.fromEntries([...personsOf(after(words)).aliases].filter(([id, { survivorId }]) => id !== survivorId).map(([id, { survivorId }]) => [id, survivorId]));

describe('who is who', () => {
  it('lets the record that takes over stand for both', () => {
    expect(survivors([{ record: 'a', into: 'b', hour: 1 }])).toEqual({ a: 'b' });
    expect(personsOf(after([{ record: 'a', into: 'b', hour: 1 }])).aliases.get('b')).toMatchObject({ survivorId: 'b', together: ['a', 'b'] });
    expect(personsOf(after([])).aliases.get('a')).toMatchObject({ survivorId: 'a', together: ['a'] });
  });

  it('follows a chain to its end, whichever link was heard of last', () => {
    const [first, second]: Word[] = [{ record: 'a', into: 'b', hour: 1 }, { record: 'b', into: 'c', hour: 2 }];
    expect(survivors([first!, second!])).toEqual({ a: 'c', b: 'c' });
    expect(survivors([second!, first!])).toEqual({ a: 'c', b: 'c' });
    expect(survivors([{ record: 'b', into: 'c', hour: 1 }, { record: 'a', into: 'b', hour: 2 }])).toEqual({ a: 'c', b: 'c' });
  });

  it('settles on the last word when two records take each other over, and says that it did', () => {
    const words: Word[] = [{ record: 'a', into: 'b', hour: 1 }, { record: 'b', into: 'a', hour: 2 }];
    expect(survivors(words)).toEqual({ b: 'a' });
    expect(personsOf(after(words)).reversed).toBe(true);
    expect(personsOf(after([words[0]!])).reversed).toBe(false);
  });

  it('makes them two again when a person says so, until they are merged anew', () => {
    const merged: Word = { record: 'a', into: 'b', hour: 1 };
    expect(survivors([merged, { record: 'a', hour: 2 }])).toEqual({});
    expect(survivors([{ record: 'a', hour: 2 }, merged])).toEqual({});
    expect(survivors([merged, { record: 'a', hour: 2 }, { record: 'a', into: 'b', hour: 3 }])).toEqual({ a: 'b' });
    expect(mergesInForce(after([merged, { record: 'a', hour: 2 }])[0]!)).toEqual([]);
  });

  it('parts a chain where it is cut', () => {
    const chain: Word[] = [{ record: 'a', into: 'b', hour: 1 }, { record: 'b', into: 'c', hour: 2 }];
    expect(survivors([...chain, { record: 'b', hour: 3 }])).toEqual({ a: 'b' });
    expect(survivors([...chain, { record: 'a', hour: 3 }])).toEqual({ b: 'c' });
  });

  it('keeps the same word once', () => {
    const word: Word = { record: 'a', into: 'b', hour: 1 };
    expect(after([word, word])[0]!.merges).toHaveLength(1);
  });

  it('ends the same in whatever order the words come, every record with exactly one that stands, which stands for itself', () => {
    const word = fc.record({ record: fc.constantFrom(...IDS), hour: fc.integer({ min: 1, max: 20 }), into: fc.option(fc.constantFrom(...IDS), { nil: undefined }) }, { requiredKeys: ['record', 'hour'] });
    const cases = fc
      .uniqueArray(word, { maxLength: 10, selector: ({ hour }) => hour })
      .map((words) => words.filter(({ record, into }) => record !== into).map(({ record, hour, into }): Word => (into === undefined ? { record, hour } : { record, hour, into })))
      .chain((words) => fc.tuple(fc.constant(words), fc.shuffledSubarray(words, { minLength: words.length })));
    fc.assert(
      fc.property(cases, ([words, shuffled]) => {
        const { aliases, reversed } = personsOf(after(words));
        expect(personsOf(after(shuffled))).toEqual({ aliases, reversed });
        for (const { survivorId, together, patientId } of aliases.values()) {
          expect(together).toContain(patientId);
          expect(aliases.get(survivorId)).toMatchObject({ survivorId, together });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
