import { randomUUID } from 'node:crypto';
import { KafkaBus } from '@throughline/platform/bus/kafka-bus';
import { eventually, throughline, type System } from '@throughline/testing/system';
import { Kafka, logLevel } from 'kafkajs';
import { onCluster } from './on-cluster.js';
import { streamDischarges } from './discharge-stream.js';
import type { Bench, Fault } from './fault.js';
import { settled } from './fault-row.js';
import { end, instanceOf, restart } from './strikes.js';

const TOPIC = 'care-plan';
const READERS = ['scheduling', 'notification'];
const JUNK_EACH = 5;

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: number;
  readonly mismatch: string | null;
}

/** Something to have read, and all of it read. */
const readSomething = async (bench: Bench): Promise<void> => {
  const { system, journal } = bench;
  const { promised } = await streamDischarges(system, journal, { count: 40, overMs: 3_000, patienceMs: 60_000, goOn: () => false });
  await settled(bench, promised);
};

const reasons = async (system: System): Promise<readonly string[]> => (await system.call<{ reasons: readonly string[] }>('GET', '/readyz')).body.reasons;

/** `/readyz` names the service and what of it is wrong: `positions`, `recovery`. */
export const saysSo = (system: System, service: string, what: string, seconds = 40): Promise<string> =>
  eventually(`${service} says what is wrong with its ${what}`, async () => (await reasons(system)).find((reason) => reason.startsWith(`${service}: ${what}`)), seconds);

const mismatches = async (system: System, service: string): Promise<ReadonlyMap<string, number>> => {
  const { items } = await system.get<{ items: readonly Position[] }>(`/api/${service}/positions`, 'operator');
  const counts = new Map<string, number>();
  for (const { topic, mismatch } of items) if (mismatch !== null) counts.set(`${topic} ${mismatch}`, (counts.get(`${topic} ${mismatch}`) ?? 0) + 1);
  return counts;
};

const toldOf = (counts: ReadonlyMap<string, number>): string => [...counts].map(([what, count]) => `${count} of ${what}`).join(', ');

/** The operator's word. Answers what the command said last. */
const readOn = async (system: System, service: string): Promise<string> => {
  const run = await throughline(['positions', 'reset', service, '--topic', TOPIC, '--to', 'earliest', '--home', system.home]);
  if (run.code !== 0) throw new Error(`throughline positions reset: ${run.output.trim()}`);
  return run.last;
};

const unread = (counts: ReadonlyMap<string, number>, wanted: string): readonly string[] =>
  [...counts.keys()].every((what) => what === `${TOPIC} ${wanted}`) && counts.size > 0 ? [] : [`partitions are left out as ${toldOf(counts) || 'nothing'}, not as ${wanted}`];

/** All that the topic held has been read by everybody: what is deleted with it is known already. */
const madeAnew: Fault = {
  stand: 'one copy each',
  name: `topic ${TOPIC} deleted and made anew`,
  prepare: async (bench) => {
    const { system } = bench;
    await readSomething(bench);
    await onCluster(system, (admin) => admin.deleteTopics({ topics: [TOPIC] }));
    await eventually(`${TOPIC} gone`, () => onCluster(system, async (admin) => !(await admin.listTopics()).includes(TOPIC)), 30);
    const bus = new KafkaBus({ brokers: instanceOf(system).kafkaBrokers.split(','), clientId: 'faults' });
    await eventually(`${TOPIC} made anew`, () => bus.ensureTopics([TOPIC]).then(() => true), 30).finally(() => bus.close());
    return () => Promise.resolve();
  },
  strike: async ({ system }) => {
    const said = await Promise.all(READERS.map((service) => saysSo(system, service, 'positions')));
    const others = (await reasons(system)).filter((reason) => !said.includes(reason));
    const moved: string[] = [];
    for (const service of READERS) moved.push(`${service}: ${await readOn(system, service)}`);
    return { from: Date.now(), what: `both readers said so and stopped; ${moved.join('; ')}`, problems: others.map((reason) => `not expected in /readyz: ${reason}`) };
  },
};

/** Events of a kind that nobody knows yet: readers pass over them, so that their loss loses nothing. */
const publishUnknown = async (system: System): Promise<void> => {
  const kafka = new Kafka({ clientId: 'faults', brokers: instanceOf(system).kafkaBrokers.split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: () => ({ message }) => message.partition ?? 0 });
  await producer.connect();
  const messages = Array.from({ length: 12 * JUNK_EACH }, (_, n) => {
    const key = randomUUID();
    const headers = { ce_specversion: '1.0', ce_type: 'care.something.new.v1', ce_id: randomUUID(), ce_source: '/faults', ce_subject: key, ce_time: new Date().toISOString(), 'content-type': 'application/json' };
    return { key, value: JSON.stringify({ patientId: key, version: 1 }), headers, partition: n % 12 };
  });
  await producer.send({ topic: TOPIC, acks: -1, messages }).finally(() => producer.disconnect());
};

/** The reader that runs has passed over all that the topic holds: only the one that is away is to lose it. */
const readToTheEnd = (system: System, service: string): Promise<true> =>
  eventually(`${service} has read all of ${TOPIC}`, async () => {
    const spans = await onCluster(system, (admin) => admin.fetchTopicOffsets(TOPIC));
    const { items } = await system.get<{ items: readonly Position[] }>(`/api/${service}/positions`, 'operator');
    return spans.every(({ partition, high }) => items.some((one) => one.topic === TOPIC && one.partition === partition && one.nextOffset >= Number(high))) || undefined;
  }, 60);

/** The log forgets what it holds, while a reader is away. */
const forget = (system: System): Promise<void> =>
  onCluster(system, async (admin) => {
    const spans = await admin.fetchTopicOffsets(TOPIC);
    await admin.deleteTopicRecords({ topic: TOPIC, partitions: spans.map(({ partition, high }) => ({ partition, offset: high })) });
  });

const passed: Fault = {
  stand: 'one copy each',
  name: 'retention passes a stopped scheduling',
  prepare: async (bench) => {
    const { system } = bench;
    await readSomething(bench);
    await end(system, 'scheduling');
    await publishUnknown(system);
    await readToTheEnd(system, 'notification');
    await forget(system);
    // Its place is taken again in any case.
    return async () => {
      if (!instanceOf(system).parts.some((part) => part.name === 'scheduling')) await restart(system, 'scheduling');
    };
  },
  strike: async ({ system }) => {
    await restart(system, 'scheduling');
    await saysSo(system, 'scheduling', 'positions');
    const counts = await mismatches(system, 'scheduling');
    const moved = await readOn(system, 'scheduling');
    return { from: Date.now(), what: `left out: ${toldOf(counts)}; ${moved}`, problems: unread(counts, 'outside') };
  },
};

export const topicsLost: readonly Fault[] = [madeAnew, passed];
