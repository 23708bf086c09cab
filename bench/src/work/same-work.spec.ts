import { differences } from './same-work.js';
import { totalsOf, type Work } from './work.js';

const ours = { rows: 190, rowBytes: 40_000, messages: 19, messageBytes: 9_000 };

describe('the same work', () => {
  it('is work within five percent of ours, either way', () => {
    expect(differences(ours, ours)).toEqual([]);
    expect(differences(ours, { rows: 199.4, rowBytes: 38_001, messages: 18.06, messageBytes: 9_449 })).toEqual([]);
  });

  it('is not work that left something out, or did more', () => {
    expect(differences(ours, { ...ours, rows: 180 })).toEqual(['180.0 rows per discharge, not 190.0']);
    expect(differences(ours, { ...ours, messages: 20, messageBytes: 8_500 })).toEqual(['20.0 messages per discharge, not 19.0', '8500.0 message bytes per discharge, not 9000.0']);
    expect(differences(ours, { ...ours, rowBytes: 42_001 })).toHaveLength(1);
  });

  it('is not work that could not be measured', () => {
    expect(differences(ours, { ...ours, messageBytes: NaN })).toHaveLength(1);
  });
});

describe('totals', () => {
  it('count deleted rows, but not their bytes', () => {
    const table = { table: 't', columns: [], samples: [], rowBytes: 100 };
    const work: Work = [
      { service: 'intake', reads: [], tables: [{ ...table, inserts: 2, updates: 1, deletes: 2 }], topic: { messages: 3, messageBytes: 10, samples: [] } },
      { service: 'scheduling', reads: ['intake'], tables: [{ ...table, inserts: 1, updates: 0, deletes: 0 }], topic: { messages: 1, messageBytes: 20, samples: [] } },
    ];
    expect(totalsOf(work)).toEqual({ rows: 6, rowBytes: 400, messages: 4, messageBytes: 50 });
  });
});
