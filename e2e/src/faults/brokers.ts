import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@throughline/contracts/define-event';
import { topicsReadBy } from '@throughline/contracts/flow';
import { eventually, type System } from '@throughline/testing/system';
import type { Fault } from './fault.js';
import { onCluster } from './on-cluster.js';
import { RetriedSends, type Told } from './retried-sends.js';
import { kill, partOf, restart } from './strikes.js';

const DOWN_MS = 3_000;
const BROKERS = ['kafka', 'kafka-2', 'kafka-3'];
const GROUPS_TOPIC = '__consumer_offsets';
/** A group per service and topic that it reads. */
const GROUPS = SERVICES.flatMap((service) => topicsReadBy(service).map((topic) => `${service}.${topic}`));

/** Java's `String.hashCode`, by which Kafka files a group under a partition of its own topic. */
const hashCode = (text: string): number => [...text].reduce((hash, char) => (Math.imul(31, hash) + char.charCodeAt(0)) | 0, 0);

const leadersOf = async (system: System, topic: string): Promise<ReadonlyMap<number, number>> => {
  const { topics } = await onCluster(system, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
  return new Map(topics[0]!.partitions.map(({ partitionId, leader }) => [partitionId, leader]));
};

/** Groups that this broker coordinates at the moment. */
const coordinatedBy = async (system: System, node: number): Promise<readonly string[]> => {
  const leaders = await leadersOf(system, GROUPS_TOPIC);
  return GROUPS.filter((group) => leaders.get((hashCode(group) & 0x7fffffff) % leaders.size) === node);
};

/** Every partition is on all three again. */
const whole = (system: System): Promise<true> =>
  eventually(
    'every partition on all brokers again',
    async () => {
      const { topics } = await onCluster(system, (admin) => admin.fetchTopicMetadata({ topics: [...SERVICES, GROUPS_TOPIC] }));
      return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length && isr.length === BROKERS.length)) || undefined;
    },
    90,
  );

const toldOf = ({ confirmed, missing }: Told): string => `${missing} of ${confirmed} lost`;

/** What kafkajs loses by itself is told, not asked for: it needs a send to be under way when a broker dies (`kafkajs-retry.spec.ts` has it each time). */
const lostOfOurs = ({ missing, confirmed }: Told): readonly string[] => (missing > 0 ? [`sent as the relay does, and confirmed: ${toldOf({ missing, confirmed })}`] : []);

const oneAfterTheOther: Fault['strike'] = async ({ system }) => {
  const told: string[] = [];
  const problems: string[] = [];
  const coordinated = new Set<string>();
  for (const [at, name] of BROKERS.entries()) {
    const groups = await coordinatedBy(system, at + 1);
    const leads = [...(await leadersOf(system, 'intake')).values()].filter((leader) => leader === at + 1).length;
    for (const group of groups) coordinated.add(group);
    await kill(system, name);
    await delay(DOWN_MS);
    await restart(system, name);
    await whole(system);
    told.push(`${name} (coordinated ${groups.length} of ${GROUPS.length} groups, led ${leads} of the 12 partitions of intake)`);
    if (!partOf(system, name)) problems.push(`${name} did not come back`);
  }
  const never = GROUPS.filter((group) => !coordinated.has(group));
  if (never.length > 0) problems.push(`no coordinator was killed of ${never.join(', ')}`);
  return { from: Date.now(), what: `killed one after the other: ${told.join(', ')}`, problems };
};

/** The same, with two senders beside the stack. */
const besideSenders: Fault['strike'] = async (bench) => {
  const sends = await RetriedSends.begin(bench.system);
  const struck = await oneAfterTheOther(bench).finally(() => sends.stop());
  const afterwards = async (): Promise<readonly string[]> => {
    const sent = await sends.told();
    bench.say(`    beside it, of what was confirmed: sent as the relay does ${toldOf(sent.ours)}, with kafkajs' own retry ${toldOf(sent.theirs)}`);
    return lostOfOurs(sent.ours);
  };
  return { ...struck, afterwards };
};

/** Three brokers, each record on all of them, taken once two have it. */
export const brokers: readonly Fault[] = [{ stand: 'three brokers', name: 'kill -9 three brokers in turn', strike: besideSenders }];
