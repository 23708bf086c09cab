import type { BenchResult } from './bench-run.js';
import { faultsOf, figuresOf } from './figures.js';

const spread = { count: 1, p50: 1, p99: 2, max: 3 };
const hold = { rate: 200, sustained: true, done: 1, seconds: 1, waitingAtEnd: 0, drainSeconds: 0, offer: { offered: 1, failed: 0, ack: spread, rest: spread }, drain: { waiting: 0, toTasks: spread } };
const totals = { rows: 190, rowBytes: 40_000, messages: 19, messageBytes: 9_000 };
const result: BenchResult = {
  mode: 'distributed', readySeconds: 5, idleMemoryMb: 600, idleMemory: {}, adt: { perSecond: 900, ack: spread, failed: 0 }, trials: [], hold, half: hold, totals,
  cost: { processes: [], otherCores: 0, batchSizes: {}, perDischarge: { statements: 14.4, commits: 3, rowsWritten: 190, tableRows: {}, walKb: 100, kafkaMessages: 19 } },
  check: { settled: true, accepted: 1, discharges: 1, episodes: 1, lost: 0, doubled: 0, parked: 0 },
  comparisons: { floor: { discharges: 100, seconds: 1, perSecond: 500, totals, walKb: 1, cpuMsPerDischarge: 1, differences: [] } },
};

describe('figures', () => {
  it('compare with a pipeline that did the same work', () => {
    expect(figuresOf(result, undefined)).toMatchObject({ floorRatio: 0.4, floorPerSecond: 500, naiveRatio: null, embeddedDischargesPerSecond: null, statementsPerDischarge: 14.4 });
    expect(faultsOf(result, undefined)).toEqual([]);
  });

  it('do not compare with one that did not, and say so', () => {
    const less = { ...result, comparisons: { floor: { ...result.comparisons.floor!, differences: ['100.0 rows per discharge, not 190.0'] }, naive: { failed: 'it ended' } } } as BenchResult;
    expect(figuresOf(less, undefined)).toMatchObject({ floorRatio: null, floorPerSecond: 500, naiveRatio: null, naivePerSecond: null });
    expect(faultsOf(less, undefined)).toEqual(['the floor pipeline did not do the same work: 100.0 rows per discharge, not 190.0', 'the naive pipeline failed: it ended']);
  });

  it('of a rate that was not sustained are none', () => {
    const behind = { ...result, hold: { ...hold, sustained: false } };
    expect(figuresOf(behind, undefined)).toMatchObject({ dischargesPerSecond: 0, floorRatio: 0 });
    expect(faultsOf(behind, { readySeconds: 1, idleMemoryMb: 1, hold, check: { ...result.check, lost: 2 } })).toEqual(['distributed: 200/s was not sustained', 'embedded: 2 lost and 0 doubled']);
  });
});
