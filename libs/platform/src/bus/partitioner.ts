/**
 * murmur2 as Apache Kafka's Java client has it (`Utils.murmur2`), so that every client, ours and any stock one, files a key
 * in the same partition. Returns a signed 32-bit integer.
 */
export const murmur2 = (data: Uint8Array): number => {
  const m = 0x5bd1e995;
  const { length } = data;
  const words = length >> 2;
  let h = 0x9747b28c ^ length;
  for (let i = 0; i < words; i++) {
    const at = i * 4;
    let k = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    k = Math.imul(k, m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  const tail = words * 4;
  const left = length & 3;
  if (left === 3) h ^= data[tail + 2]! << 16;
  if (left >= 2) h ^= data[tail + 1]! << 8;
  if (left >= 1) h = Math.imul(h ^ data[tail]!, m);
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
};

/** The partition of a key. The count never changes in a topic's life: it would break the order per key. */
export const partitionOf = (key: string, partitions: number): number =>
  (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions;
