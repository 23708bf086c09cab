import { cpus } from 'node:os';
import type { BenchResult, ShortResult } from './bench-run.js';
import type { Rival } from './comparison/comparison.js';
import type { Figures } from './figures.js';
import type { Reading } from './gauges.js';
import { between, written } from './work/row-counts.js';

export interface ProcessCost {
  readonly name: string;
  /** Share of one core. */
  readonly cores: number;
  readonly cpuMsPerDischarge: number;
  readonly memoryMb: number;
}

export interface Cost {
  readonly processes: readonly ProcessCost[];
  /** Cores that something else on the machine used meanwhile; figures taken beside others are lower. */
  readonly otherCores: number;
  readonly perDischarge: {
    readonly statements: number;
    readonly commits: number;
    readonly rowsWritten: number;
    /** By table, the most written first. */
    readonly tableRows: Readonly<Record<string, number>>;
    readonly walKb: number;
    readonly kafkaMessages: number | null;
  };
  /** Service -> messages per transaction of its runners. */
  readonly batchSizes: Readonly<Record<string, number>>;
}

const round = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** What lay between two readings, by discharge. */
export const costOf = (before: Reading, after: Reading, discharges: number): Cost => {
  const seconds = (after.at - before.at) / 1_000;
  const per = (value: number, digits?: number): number => round(value / Math.max(1, discharges), digits);
  const processes = [...after.usage].map(([name, { cpuSeconds, memoryMb }]) => {
    const used = cpuSeconds - (before.usage.get(name)?.cpuSeconds ?? 0);
    return { name, cores: round(used / seconds, 2), cpuMsPerDischarge: per(used * 1_000, 2), memoryMb: Math.round(memoryMb) };
  });
  return {
    processes,
    otherCores: round(Math.max(0, (after.busySeconds - before.busySeconds) / seconds - processes.reduce((sum, { cores }) => sum + cores, 0)), 2),
    perDischarge: {
      statements: per([...after.batches].reduce((sum, [service, { statements }]) => sum + statements - (before.batches.get(service)?.statements ?? 0), 0)),
      tableRows: Object.fromEntries(
        [...between(before.tableRows, after.tableRows)]
          .map(([name, counts]) => [name, per(written(counts))] as const)
          .filter(([, rows]) => rows > 0)
          .sort(([, a], [, b]) => b - a),
      ),
      commits: per(after.commits - before.commits),
      rowsWritten: per(after.rowsWritten - before.rowsWritten),
      walKb: per((after.walBytes - before.walBytes) / 1_024),
      kafkaMessages: after.kafkaMessages === undefined || before.kafkaMessages === undefined ? null : per(after.kafkaMessages - before.kafkaMessages),
    },
    batchSizes: Object.fromEntries(
      [...after.batches].map(([service, { messages, transactions }]) => {
        const earlier = before.batches.get(service) ?? { messages: 0, transactions: 0 };
        return [service, round((messages - earlier.messages) / Math.max(1, transactions - earlier.transactions))];
      }),
    ),
  };
};

export const costLines = ({ processes, otherCores, perDischarge, batchSizes }: Cost): readonly string[] => [
  '| process | cores | CPU ms per discharge | memory MB |',
  '|---|---|---|---|',
  ...processes.map(({ name, cores, cpuMsPerDischarge, memoryMb }) => `| ${name} | ${cores} | ${cpuMsPerDischarge} | ${memoryMb} |`),
  `| all of these | ${round(processes.reduce((sum, { cores }) => sum + cores, 0), 2)} | ${round(processes.reduce((sum, { cpuMsPerDischarge }) => sum + cpuMsPerDischarge, 0), 2)} | ${processes.reduce((sum, { memoryMb }) => sum + memoryMb, 0)} |`,
  '',
  `Something else on the machine used ${otherCores} cores meanwhile.`,
  `Per discharge: ${perDischarge.statements} statements, ${perDischarge.commits} commits, ${perDischarge.rowsWritten} rows written, ${perDischarge.walKb} KB of WAL${perDischarge.kafkaMessages === null ? '' : `, ${perDischarge.kafkaMessages} Kafka messages`}.`,
  `Messages per transaction: ${Object.entries(batchSizes).map(([service, size]) => `${service} ${size}`).join(', ')}.`,
];

const kb = (bytes: number): number => round(bytes / 1_024);

/** What was compared, and what each wrote for one discharge. */
const comparisonLines = ({ comparisons, totals, cost, hold }: BenchResult): readonly string[] => {
  if (!totals) return [];
  const ours = round(cost.processes.filter(({ name }) => name !== 'load generator' && name !== 'bench').reduce((sum, { cpuMsPerDischarge }) => sum + cpuMsPerDischarge, 0), 2);
  return [
    '',
    '| pipeline | discharges/s | CPU ms | rows | row KB | messages | message KB | WAL KB |',
    '|---|---|---|---|---|---|---|---|',
    `| Throughline | ${round(hold.rate)} | ${ours} | ${round(totals.rows)} | ${kb(totals.rowBytes)} | ${round(totals.messages, 2)} | ${kb(totals.messageBytes)} | ${cost.perDischarge.walKb} |`,
    ...(Object.keys(comparisons) as Rival[]).flatMap((rival) => {
      const found = comparisons[rival];
      if (!found || 'failed' in found) return [];
      const { rows, rowBytes, messages, messageBytes } = found.totals;
      return [`| ${rival} | ${round(found.perSecond)} | ${round(found.cpuMsPerDischarge, 2)} | ${round(rows)} | ${kb(rowBytes)} | ${round(messages, 2)} | ${kb(messageBytes)} | ${round(found.walKb)} |`];
    }),
    'All but the first per discharge; the servers are in the CPU, the load generator is not.',
  ];
};

const embeddedLines = (embedded: ShortResult | undefined): readonly string[] =>
  embedded
    ? [`| embedded mode: discharges per second | ${embedded.hold.sustained ? round(embedded.hold.rate) : 0} | held for ${embedded.hold.seconds.toFixed(0)} s; ready after ${round(embedded.readySeconds)} s, ${Math.round(embedded.idleMemoryMb)} MB idle; ${embedded.check.lost} lost |`]
    : [];

/** The whole result, for people. */
export const benchLines = (result: BenchResult, embedded: ShortResult | undefined, figures: Figures): readonly string[] => {
  const { hold, half, check, cost, adt } = result;
  const idle = Object.entries(result.idleMemory).map(([name, mb]) => `${name} ${mb}`).join(', ');
  return [
    '',
    `Throughline, ${result.mode}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node.js ${process.versions.node}; the load generator runs on the same cores.`,
    '',
    '| figure | value | |',
    '|---|---|---|',
    `| discharges per second, end to end | ${figures.dischargesPerSecond} | held for ${hold.seconds.toFixed(0)} s${hold.sustained ? '' : `: ${round(hold.rate)}/s was NOT sustained`}, quiet ${hold.drainSeconds.toFixed(1)} s after it |`,
    `| lost, doubled, parked | ${check.lost}, ${check.doubled}, ${check.parked} | of ${check.accepted} accepted messages, ${check.discharges} discharges${check.settled ? '' : '; still at work when it was checked'} |`,
    `| accept to task, p50 / p99 | ${figures.acceptToTaskP50Ms} / ${figures.acceptToTaskP99Ms} ms | at ${round(half.rate)}/s, from the time the message was due to its fifth task on the stream |`,
    `| ADT messages accepted and answered per second | ${figures.mllpPerSecond} | 16 connections, each waiting for its answer |`,
    `| their answers, p50 / p99 | ${round(adt.ack.p50)} / ${figures.mllpAckP99Ms} ms | |`,
    `| answers during the hold, p50 / p99 | MLLP ${round(hold.offer.ack.p50)} / ${round(hold.offer.ack.p99)} ms, REST ${round(hold.offer.rest.p50)} / ${round(hold.offer.rest.p99)} ms | from the time they were due |`,
    `| of the floor's rate, times the naive one's | ${figures.floorRatio ?? '-'}, ${figures.naiveRatio ?? '-'} | ${figures.floorPerSecond ?? '-'}/s and ${figures.naivePerSecond ?? '-'}/s over the same rows and messages |`,
    `| ready after | ${figures.readySeconds} s | on an empty home, servers included |`,
    `| memory idle | ${Math.round(result.idleMemoryMb)} MB | the product's own processes; MB by process: ${idle} |`,
    ...embeddedLines(embedded),
    '',
    ...costLines(cost),
    ...comparisonLines(result),
    '',
  ];
};
