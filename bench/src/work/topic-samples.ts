import type { Bus, PartitionSpan } from '@throughline/platform/bus/bus';
import type { SampleRecord, TopicWork } from './work.js';

/** A run of records holds the types in the proportion in which they came. */
const PER_PARTITION = 25;

export const sizeOf = ({ key, value, headers }: SampleRecord): number =>
  Buffer.byteLength(key) + Buffer.byteLength(value) + Object.entries(headers).reduce((sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text), 0);

/** How many messages so many discharges brought since `before`, and what the last ones look like. */
export const topicWork = async (bus: Bus, topic: string, before: readonly PartitionSpan[], discharges: number): Promise<TopicWork> => {
  const begins = new Map(before.map(({ partition, high }) => [partition, high]));
  const samples: SampleRecord[] = [];
  let count = 0;
  for (const { partition, low, high } of await bus.spans(topic)) {
    const from = begins.get(partition) ?? low;
    count += high - from;
    for (let offset = Math.max(from, high - PER_PARTITION); offset < high; offset += 1) {
      const record = await bus.recordAt(topic, partition, offset);
      if (record) samples.push({ key: record.key ?? '', value: record.value ?? '', headers: record.headers });
    }
  }
  const bytes = samples.reduce((sum, record) => sum + sizeOf(record), 0);
  return { messages: count / discharges, messageBytes: bytes / Math.max(1, samples.length), samples };
};
