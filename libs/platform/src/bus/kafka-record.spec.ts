import type { KafkaMessage } from 'kafkajs';
import { recordOf } from './kafka-record.js';

const message = (parts: Partial<KafkaMessage>): KafkaMessage =>
  ({ key: Buffer.from('k'), value: Buffer.from('{}'), timestamp: '1750000000000', attributes: 0, offset: '7', ...parts }) as KafkaMessage;

test('reads text as text', () => {
  expect(recordOf('t', 2, message({ headers: { a: Buffer.from('ü'), b: [Buffer.from('1'), Buffer.from('2')], c: undefined } }))).toEqual({
    topic: 't', partition: 2, offset: 7, key: 'k', headers: { a: 'ü', b: '2' }, value: '{}', at: new Date(1_750_000_000_000),
  });
});

test('a tombstone has neither value nor raw bytes', () => {
  const found = recordOf('t', 0, message({ value: null }));
  expect(found.value).toBeNull();
  expect(found.raw).toBeUndefined();
});

test('bytes that are not UTF-8 are kept, and an unreadable key is none', () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x00]);
  expect(recordOf('t', 0, message({ value: bytes, key: bytes }))).toMatchObject({ value: null, raw: bytes.toString('base64'), key: null });
});
