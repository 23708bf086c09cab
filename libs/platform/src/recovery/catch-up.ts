import type { DataSource } from 'typeorm';
import type { Bus, PartitionSpan } from '../bus/bus.js';
import { withConnection } from '../persistence/database.js';
import type { Mismatch } from '../runner/positions.js';
import type { TopicRunner } from '../runner/topic-runner.js';
import { pages } from './unknown-spans.js';

export interface CatchUpParts {
  readonly dataSource: DataSource;
  readonly bus: Bus;
  readonly topics: readonly string[];
  /** Of this catching up alone; stopped at its end. */
  readonly runner: TopicRunner;
  /** Only the newest word on each subject is handled. */
  readonly onlyLatest: boolean;
  /** Told how many messages are left, every now and then. */
  readonly progress: (left: number) => void;
}

const BATCH = 200;

/** Older words on a subject count as applied where a newer one stands in the same stretch. */
const passOverOlder = async (dataSource: DataSource, bus: Bus, span: PartitionSpan): Promise<void> => {
  const newest = new Map<string, number>();
  for await (const page of pages(bus, span)) {
    for (const { headers, value } of page) {
      const subject = headers['ce_subject'];
      const version = versionOf(value);
      if (subject !== undefined && version !== undefined) newest.set(subject, Math.max(version, newest.get(subject) ?? 0));
    }
  }
  const subjects = [...newest].filter(([, version]) => version > 1);
  if (subjects.length === 0) return;
  await withConnection(dataSource, (sql) =>
    sql.query(
      `insert into applied (topic, subject, version) select $1, * from unnest($2::text[], $3::bigint[])
       on conflict (topic, subject) do update set version = greatest(applied.version, excluded.version)`,
      [span.topic, subjects.map(([subject]) => subject), subjects.map(([, version]) => version - 1)],
    ),
  );
};

const versionOf = (value: string | null): number | undefined => {
  try {
    const { version } = JSON.parse(value ?? '{}') as { version?: unknown };
    return Number.isSafeInteger(version) ? (version as number) : undefined;
  } catch {
    return undefined;
  }
};

/** Reads every topic from its positions to where it ended when this began. Answers the partitions that could not be read. */
export const catchUp = async ({ dataSource, bus, topics, runner, onlyLatest, progress }: CatchUpParts): Promise<readonly Mismatch[]> => {
  const spans = (await Promise.all(topics.map((topic) => bus.spans(topic)))).flat();
  try {
    const starts = await runner.assigned(spans);
    const stretches = starts.map(({ topic, partition, offset }): PartitionSpan => ({ topic, partition, low: offset, high: spans.find((span) => span.topic === topic && span.partition === partition)!.high }));
    let left = stretches.reduce((sum, { low, high }) => sum + Math.max(0, high - low), 0);
    for (const stretch of stretches) {
      if (onlyLatest) await passOverOlder(dataSource, bus, stretch);
      for (let next = stretch.low; next < stretch.high; ) {
        const page = (await bus.read(stretch.topic, stretch.partition, next, BATCH)).filter((record) => record.offset < stretch.high);
        if (page.length === 0) break;
        const [back] = await runner.deliver(page);
        if (back?.leave) break;
        const after = back?.offset ?? page.at(-1)!.offset + 1;
        left -= Math.max(0, after - next);
        next = after;
        progress(left);
      }
    }
    return runner.mismatches();
  } finally {
    await runner.stop();
  }
};
