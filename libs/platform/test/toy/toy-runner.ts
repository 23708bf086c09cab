import { idOf } from '@throughline/kernel/ids';
import { Refused } from '@throughline/kernel/refused';
import pino from 'pino';
import type { DataSource } from 'typeorm';
import type { BusRecord, PartitionSpan } from '../../src/bus/bus.js';
import type { Unit } from '../../src/persistence/unit.js';
import { Bell } from '../../src/runner/bell.js';
import { messageKey } from '../../src/runner/key-resolver.js';
import type { Message } from '../../src/runner/message.js';
import type { Settled } from '../../src/runner/message-batch.js';
import type { LogView } from '../../src/runner/positions.js';
import { readEventsOf } from '../../src/runner/read-event.js';
import { createTopicRunner } from '../../src/runner/topic-runner.js';
import type { TopicRunner, TopicRunnerOptions } from '../../src/runner/topic-runner.js';
import { followUp, NoteRow } from './toy-service.js';

export const silent = pino({ level: 'silent' });

/** A log held in memory: what a bus would answer about it. */
export class HandMadeLog implements LogView {
  readonly remakable = true;
  cluster = 'cluster-1';
  readonly records: BusRecord[] = [];
  low = 0;

  async clusterId(): Promise<string> {
    return this.cluster;
  }
  async spans(topic: string): Promise<readonly PartitionSpan[]> {
    return [0, 1, 2].map((partition) => ({ topic, partition, low: this.low, high: Math.max(this.low, ...this.#of(topic, partition).map((r) => r.offset + 1)) }));
  }
  async recordAt(topic: string, partition: number, offset: number): Promise<BusRecord | null> {
    return this.#of(topic, partition).find((r) => r.offset === offset) ?? null;
  }
  #of(topic: string, partition: number): BusRecord[] {
    return this.records.filter((r) => r.topic === topic && r.partition === partition);
  }
}

export type Handler = (message: Message, unit: Unit<'scheduling'>) => Promise<void>;

/** What the toy does with a message: notes what it heard, in order, and publishes one event about it. */
export const notes: Handler = async (message, unit) => {
  const event = message.payload as { subject: string; data: { patientId: string; version: number } };
  const id = idOf('note', event.subject);
  const { patientId } = event.data;
  const known = await unit.rows(NoteRow).get(patientId, id);
  const version = (known?.version ?? 0) + 1;
  unit.rows(NoteRow).put(Object.assign(new NoteRow(), { id, patientId, version, at: unit.now, body: { heard: [...(known?.body.heard ?? []), String(event.data.version)] } }));
  unit.publish(followUp(patientId, id, version));
};

/** `notes`, but the given versions fail in their own way, after they have staged something. */
export const failing = (versions: Readonly<Record<number, () => unknown>>): Handler => async (message, unit) => {
  await notes(message, unit);
  const wrong = versions[message.version!];
  if (wrong) throw await wrong();
};
export const refused = (): Refused => new Refused('closed', 'It is closed.');

export interface ToyRunner {
  readonly runner: TopicRunner<'scheduling'>;
  readonly settled: Settled[];
  readonly bell: Bell;
}

export const toyRunner = (dataSource: DataSource, log: LogView, handler: Handler, more: Partial<TopicRunnerOptions<'scheduling'>> = {}): ToyRunner => {
  const settled: Settled[] = [];
  const bell = new Bell();
  const runner = createTopicRunner<'scheduling'>({
    service: 'scheduling',
    dataSource,
    clock: { now: () => new Date() },
    bell,
    read: readEventsOf('scheduling'),
    resolver: messageKey,
    dispatch: handler,
    log,
    logger: silent,
    onSettled: (some) => settled.push(...some),
    backoffMs: [1],
    ...more,
  });
  return { runner, settled, bell };
};
