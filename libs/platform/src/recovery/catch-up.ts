import type { DataSource } from 'typeorm';
import type { Bus, PartitionSpan } from '../bus/bus.js';
import { withConnection } from '../persistence/database.js';
import { incoming, type ReadRecord } from '../runner/message.js';
import { messagesOf } from '../runner/message-batch.js';
import type { Mismatch } from '../runner/positions.js';
import type { TopicRunner } from '../runner/topic-runner.js';
import { heardAmong } from './recovery-rows.js';
import { pages } from './unknown-spans.js';

export interface CatchUpParts {
  readonly dataSource: DataSource;
  readonly bus: Bus;
  readonly topics: readonly string[];
  /** Of this catching up alone; stopped at its end. */
  readonly runner: TopicRunner;
  /** Types of which one that had been acted on before the loss is not heard again. */
  readonly passesOver: readonly string[];
  /** Told how many messages are left, every now and then. */
  readonly progress: (left: number) => void;
}

const BATCH = 200;

/** What had been acted on before the loss counts as applied, and with it all older words on the same subject. */
const passOverHeard = async (dataSource: DataSource, bus: Bus, span: PartitionSpan, types: readonly string[], read: ReadRecord): Promise<void> => {
  const reached = new Map<string, number>();
  for await (const page of pages(bus, span)) {
    const messages = messagesOf(page.map((record) => incoming(record, read))).filter(({ type }) => types.includes(type));
    const heard = await withConnection(dataSource, (sql) => heardAmong(sql, messages.map(({ id }) => id)));
    for (const { id, subject, version } of messages) {
      if (heard.has(id) && subject !== undefined && version !== undefined) reached.set(subject, Math.max(version, reached.get(subject) ?? 0));
    }
  }
  if (reached.size === 0) return;
  await withConnection(dataSource, (sql) =>
    sql.query(
      `insert into applied (topic, subject, version) select $1, * from unnest($2::text[], $3::bigint[])
       on conflict (topic, subject) do update set version = greatest(applied.version, excluded.version)`,
      [span.topic, [...reached.keys()], [...reached.values()]],
    ),
  );
};

/** Reads every topic from its positions to where it ended when this began. Answers the partitions that could not be read. */
export const catchUp = async ({ dataSource, bus, topics, runner, passesOver, progress }: CatchUpParts): Promise<readonly Mismatch[]> => {
  const spans = (await Promise.all(topics.map((topic) => bus.spans(topic)))).flat();
  try {
    const starts = await runner.assigned(spans);
    const stretches = starts.map(({ topic, partition, offset }): PartitionSpan => ({ topic, partition, low: offset, high: spans.find((span) => span.topic === topic && span.partition === partition)!.high }));
    let left = stretches.reduce((sum, { low, high }) => sum + Math.max(0, high - low), 0);
    for (const stretch of stretches) {
      if (passesOver.length > 0) await passOverHeard(dataSource, bus, stretch, passesOver, runner.handling.read);
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
