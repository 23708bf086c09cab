import type { BusRecord, OutgoingRecord } from '@throughline/platform/bus/bus';
import type { PositionStep } from '@throughline/platform/runner/positions';
import { NotStored, type Arrival, type Receipt } from '../../application/ports.js';
import { IngressBatch, markedLog, NotAnswered } from './ingress-batch.js';

const NOW = new Date('2026-11-20T21:00:00Z');
const record = (partition: number, offset: number): BusRecord => ({ topic: 'ingress', partition, offset, key: `p${partition}`, headers: {}, value: `${partition}/${offset}`, at: NOW });

/** A topic, its positions, and who stores and answers; each can fail. */
const standing = (begin: Record<number, number>, lows: Record<number, number> = {}) => {
  const positions = new Map(Object.entries(begin).map(([partition, next]) => [Number(partition), next]));
  const refused = new Set<string>();
  const stored: Arrival[] = [];
  const answers: OutgoingRecord[] = [];
  const told: string[] = [];
  let answering = true;
  const batch = new IngressBatch({
    topic: 'ingress',
    positions: {
      all: () => Promise.resolve(new Map(positions)),
      move: (steps: readonly PositionStep[]) => {
        const fitting = steps.filter(({ partition, from }) => positions.get(partition) === from);
        for (const { partition, next } of fitting) positions.set(partition, next);
        return Promise.resolve(fitting);
      },
    },
    log: { spans: () => Promise.resolve([...positions.keys()].map((partition) => ({ topic: 'ingress', partition, low: lows[partition] ?? 0, high: 1_000 }))) },
    receiver: {
      receive: (arrival) => {
        if (refused.has(arrival.controlId)) return Promise.reject(new NotStored('no'));
        const repeat = stored.some(({ controlId }) => controlId === arrival.controlId);
        stored.push(arrival);
        return Promise.resolve<Receipt>({ inboundId: arrival.controlId, answer: 'AA', repeat });
      },
    },
    read: ({ value }, receivedAt) => Promise.resolve({ event: { source: 'S', id: value!, type: 't', data: undefined }, arrival: { protocol: 'cloudevents', raw: Buffer.from(value!), sender: 'S', controlId: value!, trigger: 't', receivedAt, content: { answer: 'AE', reasons: [] } } }),
    publish: (records) => {
      if (!answering) return Promise.reject(new Error('no broker'));
      answers.push(...records);
      return Promise.resolve();
    },
    now: () => NOW,
    told: ({ event }) => told.push(event.id),
  });
  const below: number[] = [];
  const settle = (...records: BusRecord[]) => batch.settle(records, (partitions) => below.push(...partitions));
  const answered = () => answers.map(({ value }) => (JSON.parse(value) as { id: string; repeat: boolean })).map(({ id, repeat }) => (repeat ? `${id} again` : id));
  return { positions, refused, stored, answers, answered, told, below, settle, answer: (yes: boolean) => (answering = yes) };
};

describe('a batch of records', () => {
  it('is stored, then answered, then its positions move', async () => {
    const { positions, answered, settle, answers, told } = standing({ 0: 5, 1: 0 });
    expect(await settle(record(0, 5), record(0, 6), record(1, 0))).toEqual([]);
    expect(answered()).toEqual(['0/5', '0/6', '1/0']);
    expect(answers.map(({ key }) => key)).toEqual(['p0', 'p0', 'p1']);
    expect(Object.fromEntries(positions)).toEqual({ 0: 7, 1: 1 });
    expect(told).toEqual(['0/5', '0/6', '1/0']);
  });

  it('gives the records of a partition times that rise', async () => {
    const { stored, settle } = standing({ 0: 0, 1: 0 });
    await settle(record(0, 0), record(0, 1), record(1, 0));
    await settle(record(0, 2));
    expect(stored.map(({ receivedAt }) => receivedAt.slice(-5))).toEqual(['.000Z', '.001Z', '.000Z', '.002Z']);
  });

  it('that cannot be stored holds up its partition from there on, and no other', async () => {
    const { positions, refused, answered, settle } = standing({ 0: 0, 1: 0 });
    refused.add('0/1');
    const records = [record(0, 0), record(0, 1), record(0, 2), record(1, 0)];
    await expect(settle(...records)).rejects.toThrow(NotStored);
    expect(answered()).toEqual(['0/0', '1/0']);
    expect(Object.fromEntries(positions)).toEqual({ 0: 1, 1: 1 });
    refused.clear();
    await settle(...records);
    expect(answered()).toEqual(['0/0', '1/0', '0/1', '0/2 again']);
    expect(Object.fromEntries(positions)).toEqual({ 0: 3, 1: 1 });
  });

  it('that cannot be answered moves nothing; answered later, it has the same id', async () => {
    const { positions, answer, answers, answered, settle, told } = standing({ 0: 0 });
    answer(false);
    await expect(settle(record(0, 0))).rejects.toThrow(NotAnswered);
    expect([positions.get(0), told]).toEqual([0, []]);
    answer(true);
    await settle(record(0, 0));
    expect(answered()).toEqual(['0/0 again']);
    positions.set(0, 0);
    await settle(record(0, 0));
    expect(new Set(answers.map(({ headers }) => headers['ce_id'])).size).toBe(1);
  });

  it('passes over what lies below the position, and tells of it', async () => {
    const { answered, below, settle } = standing({ 0: 2 });
    await settle(record(0, 1), record(0, 2));
    expect(answered()).toEqual(['0/2']);
    expect(below).toEqual([0]);
  });

  it('goes on over the hole that a transaction leaves', async () => {
    const { positions, settle } = standing({ 0: 0 });
    expect(await settle(record(0, 0), record(0, 2))).toEqual([]);
    expect(await settle(record(0, 4))).toEqual([]);
    expect(positions.get(0)).toBe(5);
  });

  it('takes nothing where the log no longer holds what should have come', async () => {
    const { answered, positions, settle } = standing({ 0: 3 }, { 0: 8 });
    expect(await settle(record(0, 8))).toEqual([{ topic: 'ingress', partition: 0, offset: 3 }]);
    expect([answered(), positions.get(0)]).toEqual([[], 3]);
  });

  it('goes back once where an operator has put the position back', async () => {
    const { answered, positions, settle } = standing({ 0: 0 });
    await settle(record(0, 0), record(0, 1));
    positions.set(0, 0);
    expect(await settle(record(0, 2))).toEqual([{ topic: 'ingress', partition: 0, offset: 0 }]);
    expect(await settle(record(0, 0), record(0, 1), record(0, 2))).toEqual([]);
    expect(answered()).toEqual(['0/0', '0/1', '0/0 again', '0/1 again', '0/2']);
    expect(positions.get(0)).toBe(3);
  });

  it('knows a record again by what it is, not by what its sender calls it', async () => {
    const bus = (value: string) => markedLog({ remakable: true, clusterId: () => Promise.resolve('c'), spans: () => Promise.resolve([]), recordAt: () => Promise.resolve({ ...record(0, 0), value, headers: { ce_id: 'E-1' } }) });
    const mark = async (value: string) => (await bus(value).recordAt('ingress', 0, 0))!.headers['ce_id'];
    expect(await mark('a')).toBe(await mark('a'));
    expect(await mark('a')).not.toBe(await mark('b'));
  });
});
