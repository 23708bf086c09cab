import type { BenchResult, ShortResult } from './bench-run.js';
import type { ComparisonResult, Rival } from './comparison/comparison.js';

const round = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** The figures whose names stay. Null: not measured, or nothing that may be compared. */
export interface Figures {
  readonly dischargesPerSecond: number;
  readonly lost: number;
  readonly acceptToTaskP50Ms: number;
  readonly acceptToTaskP99Ms: number;
  readonly mllpPerSecond: number;
  readonly mllpAckP99Ms: number;
  readonly floorRatio: number | null;
  readonly naiveRatio: number | null;
  readonly floorPerSecond: number | null;
  readonly naivePerSecond: number | null;
  readonly embeddedDischargesPerSecond: number | null;
  readonly idleMemoryMb: number;
  readonly readySeconds: number;
  readonly statementsPerDischarge: number;
}

/** The rival's result, when it did the same work. */
export const comparable = (result: BenchResult['comparisons'][Rival]): ComparisonResult | undefined =>
  result && !('failed' in result) && result.differences.length === 0 ? result : undefined;

export const figuresOf = (result: BenchResult, embedded: ShortResult | undefined): Figures => {
  const { adt, hold, half, check, cost, comparisons } = result;
  const rate = hold.sustained ? hold.rate : 0;
  const perSecond = (rival: Rival): number | null => {
    const found = comparisons[rival];
    return found && !('failed' in found) ? round(found.perSecond) : null;
  };
  const ratio = (rival: Rival): number | null => {
    const other = comparable(comparisons[rival]);
    return other ? round(rate / other.perSecond, 3) : null;
  };
  return {
    dischargesPerSecond: round(rate),
    lost: check.lost,
    acceptToTaskP50Ms: round(half.drain.toTasks.p50),
    acceptToTaskP99Ms: round(half.drain.toTasks.p99),
    mllpPerSecond: round(adt.perSecond),
    mllpAckP99Ms: round(adt.ack.p99),
    floorRatio: ratio('floor'),
    naiveRatio: ratio('naive'),
    floorPerSecond: perSecond('floor'),
    naivePerSecond: perSecond('naive'),
    embeddedDischargesPerSecond: embedded ? round(embedded.hold.sustained ? embedded.hold.rate : 0) : null,
    idleMemoryMb: round(result.idleMemoryMb),
    readySeconds: round(result.readySeconds),
    statementsPerDischarge: cost.perDischarge.statements,
  };
};

/** What went wrong, a sentence each: a run with any of these is not a good one. */
export const faultsOf = (result: BenchResult, embedded: ShortResult | undefined): readonly string[] => {
  const of = (name: string, { check, hold }: Pick<BenchResult, 'check' | 'hold'>): string[] => [
    ...(check.lost + check.doubled > 0 ? [`${name}: ${check.lost} lost and ${check.doubled} doubled`] : []),
    ...(check.settled ? [] : [`${name}: still at work when it was checked`]),
    ...(hold.sustained ? [] : [`${name}: ${round(hold.rate)}/s was not sustained`]),
  ];
  const rivals = (Object.entries(result.comparisons) as [Rival, ComparisonResult | { failed: string }][]).flatMap(([rival, found]) =>
    'failed' in found ? [`the ${rival} pipeline failed: ${found.failed}`] : found.differences.map((difference) => `the ${rival} pipeline did not do the same work: ${difference}`),
  );
  return [...of(result.mode, result), ...(embedded ? of('embedded', embedded) : []), ...rivals];
};
