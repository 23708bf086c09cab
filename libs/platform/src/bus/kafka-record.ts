import type { KafkaMessage } from 'kafkajs';
import type { BusRecord } from './bus.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const textOf = (bytes: Buffer | string | null | undefined): string | null => {
  if (bytes === null || bytes === undefined) return null;
  if (typeof bytes === 'string') return bytes;
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
};

/** A Kafka message as the port has it. What is not UTF-8 reads as null; the bytes of such a value are kept in `raw`. */
export const recordOf = (topic: string, partition: number, message: KafkaMessage): BusRecord => {
  const headers: Record<string, string> = {};
  for (const [name, given] of Object.entries(message.headers ?? {})) {
    const text = textOf(Array.isArray(given) ? given.at(-1) : given);
    if (text !== null) headers[name] = text;
  }
  const value = textOf(message.value);
  return {
    topic, partition, offset: Number(message.offset), key: textOf(message.key), headers, value,
    ...(value === null && message.value ? { raw: message.value.toString('base64') } : {}),
    at: new Date(Number(message.timestamp)),
  };
};
