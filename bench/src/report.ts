import type { Reading } from './gauges.js';

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
        [...after.tableRows]
          .map(([name, rows]) => [name, per(rows - (before.tableRows.get(name) ?? 0))] as const)
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
