import type { Sql } from '../persistence/sql.js';
import type { Bell } from '../runner/bell.js';

/** A record to publish. The value is the event's data as JSON text; the rest of the CloudEvent is in `ce_*` headers (binary mode). */
export interface OutgoingRecord {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

export interface BusRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for a tombstone or an unreadable value; `raw` keeps the bytes (base64) when they are not UTF-8. */
  readonly value: string | null;
  readonly raw?: string;
  readonly at: Date;
}

export interface PartitionId {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionSpan extends PartitionId {
  /** First offset still in the log. */
  readonly low: number;
  /** Offset the next record will get. */
  readonly high: number;
}

/** What the runner answers to a batch: where reading has to go on when it is not simply behind the batch. */
export interface SeekBack extends PartitionId {
  readonly offset: number;
  /** Not to be read at all until `assigned` names it again. */
  readonly leave?: true;
}

export interface BatchConsumer {
  /**
   * Called at assignment (Kafka: GROUP_JOIN; embedded: start). Returns the offset to begin at for every partition it will
   * read; a partition left out is not consumed (position and log disagree) until asked again, which happens every now and then.
   */
  assigned(partitions: readonly PartitionId[]): Promise<readonly SeekBack[]>;
  /**
   * A collected batch of one topic, at most 200 records, offsets ascending within each partition. Resolves after commit;
   * rejects when it has to be delivered again. Never called twice at once for one topic; topics run side by side.
   */
  deliver(records: readonly BusRecord[]): Promise<readonly SeekBack[]>;
  /**
   * Asked every now and then: compares what is read of a topic with its log again, and answers where the reader has to go
   * back to because a position was put back meanwhile (an operator's word).
   */
  astray(topic: string): Promise<readonly SeekBack[]>;
  /** The adapter calls it when the group takes these partitions away, and when the subscription gives them up at its stop. */
  revoked(partitions: readonly PartitionId[]): Promise<void>;
}

export interface Subscription {
  /** True while the group membership is live: last heartbeat or read younger than the session. */
  healthy(): boolean;
  /** Stop taking, wait for the batch in hand, leave. */
  stop(): Promise<void>;
}

/**
 * The port behind both buses: topics of partitions of records, read by groups, at least once, in order per partition.
 * Ordering, exactly-once effects and parking are the runner's, not the bus's.
 */
export interface Bus {
  readonly kind: 'embedded' | 'kafka';
  readonly partitions: number;
  /** To be rung after the commit of a transaction that published (embedded bus): readers then need not wait for their next poll. */
  readonly bell?: Bell;
  /** True where an operator can delete a topic and make it anew while it is read. */
  readonly remakable: boolean;
  /** Names the log; another id means that positions of the old one say nothing about this one. */
  clusterId(): Promise<string>;
  /** Creates topics that are missing; a topic with another number of partitions is an error. */
  ensureTopics(topics: readonly string[]): Promise<void>;
  /**
   * Appends all records, in order per key, durable on all in-sync copies before it resolves. The embedded bus appends in
   * the caller's transaction; Kafka ignores it. One call at a time per producer.
   */
  publish(topic: string, records: readonly OutgoingRecord[], sql: Sql): Promise<void>;
  subscribe(group: string, topics: readonly string[], consumer: BatchConsumer): Promise<Subscription>;
  spans(topic: string): Promise<readonly PartitionSpan[]>;
  /** The record at exactly this offset, or null when the log does not hold it. */
  recordAt(topic: string, partition: number, offset: number): Promise<BusRecord | null>;
  /** The next records from this offset on, at least one where there is any, at most `limit`; without joining a group. */
  read(topic: string, partition: number, offset: number, limit: number): Promise<readonly BusRecord[]>;
  close(): Promise<void>;
}
