import { FreshValues, needsFresh } from './fresh-values.js';
import { KeyPool } from './key-pool.js';
import { changeable, RowMaker } from './row-maker.js';
import type { Column, TableWork } from './work.js';

const column = (name: string, type: string, more: Partial<Column> = {}): Column => ({ name, type, key: false, unique: false, indexed: false, ...more });
const KEY = { key: true, unique: true, indexed: true };

describe('fresh values', () => {
  it('are of the type and the length of what they replace', () => {
    const fresh = new FreshValues(34, () => 'new');
    expect(fresh.like('uuid', 'old')).toBe('new');
    expect(fresh.like('bigint', '7')).toBe('35');
    expect(fresh.like('text', 'a subject')).toBe('000000010');
    expect(fresh.like('text', '')).toBe('11');
    expect(fresh.like('timestamp with time zone', '2030-01-01')).toBe('2030-01-01');
    expect(fresh.like('uuid', null)).toBeNull();
  });

  it('never come twice', () => {
    const fresh = new FreshValues();
    const values = ['bigint', 'text', 'uuid'].map((type) => Array.from({ length: 5_000 }, () => fresh.like(type, 'four')));
    for (const those of values) expect(new Set(those).size).toBe(5_000);
  });

  it('are for what an index allows once, and for ids that others look up', () => {
    expect([column('id', 'uuid', KEY), column('episode', 'uuid', { unique: true, indexed: true }), column('patient', 'uuid', { indexed: true })].every(needsFresh)).toBe(true);
    expect([column('cause', 'uuid'), column('status', 'text', { indexed: true }), column('body', 'jsonb')].some(needsFresh)).toBe(false);
  });
});

describe('rows', () => {
  const table: TableWork = {
    table: 'task', inserts: 1, updates: 1, deletes: 0, rowBytes: 100,
    columns: [column('id', 'uuid', KEY), column('status', 'text', { indexed: true }), column('body', 'jsonb')],
    samples: [['a', 'open', '{"n":1}'], ['b', 'done', null]],
  };
  const maker = (): RowMaker => {
    let ids = 0;
    return new RowMaker(table, new FreshValues(0, () => `id${(ids += 1)}`));
  };

  it('are the samples in turn, with ids of their own', () => {
    expect(maker().rows(3)).toEqual([['id1', 'open', '{"n":1}'], ['id2', 'done', null], ['id3', 'open', '{"n":1}']]);
  });

  it('change where no index is', () => {
    expect(maker().rows(2, changeable(table))).toEqual([['{"n":1}'], [null]]);
  });
});

describe('a pool of keys', () => {
  it('gives the oldest away and goes round among the others', () => {
    const pool = new KeyPool<number>();
    pool.add([1, 2, 3, 4]);
    expect(pool.take(1)).toEqual([1]);
    expect(pool.pick(2)).toEqual([2, 3]);
    expect(pool.pick(2)).toEqual([4, 2]);
    expect(pool.size).toBe(3);
  });

  it('names no key twice at once, and none that is gone', () => {
    const pool = new KeyPool<number>();
    pool.add(Array.from({ length: 30_000 }, (_, i) => i));
    expect(new Set(pool.pick(40_000)).size).toBe(30_000);
    expect(pool.take(20_000)).toHaveLength(20_000);
    expect(Math.min(...pool.pick(10_000))).toBe(20_000);
    expect(pool.take(20_000)).toHaveLength(10_000);
    expect(pool.pick(1)).toEqual([]);
  });
});
