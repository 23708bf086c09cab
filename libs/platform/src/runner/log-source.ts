import type { Logger } from 'pino';
import type { BatchConsumer } from '../bus/bus.js';
import { WakefulLoop } from '../jobs/wakeful-loop.js';
import type { Bell } from './bell.js';
import type { TableLog } from './table-log.js';

export interface LogSourceOptions {
  readonly log: TableLog;
  /** A topic runner over the same log. */
  readonly consumer: BatchConsumer;
  /** Rung after a commit that appended. */
  readonly bell: Bell;
  readonly logger: Logger;
  readonly pollMs?: number;
}

export interface LogSource {
  start(): void;
  /** False while reading fails. */
  healthy(): boolean;
  /** Waits for the batch in hand. Stop the runner afterwards. */
  stop(): Promise<void>;
}

const BATCH = 200;

/** Drives a runner over a table's log: at a ring, at the latest every `pollMs`, batch after batch while there is more. */
export const createLogSource = ({ log, consumer, bell, logger, pollMs = 200 }: LogSourceOptions): LogSource => {
  const partition = { topic: log.topic, partition: 0 };
  let next: number | undefined;
  let healthy = true;
  let unlisten: (() => void) | undefined;

  const round = async (): Promise<boolean> => {
    // Left out (position and log disagree): asked again at each poll.
    next ??= (await consumer.assigned([partition]))[0]?.offset;
    if (next === undefined) return false;
    const records = await log.read(next, BATCH);
    if (records.length === 0) return false;
    const [seek] = await consumer.deliver(records);
    next = seek?.leave ? undefined : (seek?.offset ?? records.at(-1)!.offset + 1);
    return seek === undefined && records.length === BATCH;
  };

  const loop = new WakefulLoop({
    round,
    pollMs,
    onChange: (error) => {
      healthy = error === null;
      if (healthy) logger.info({ log: log.topic }, 'log is read again');
      else logger.warn({ log: log.topic, err: error }, 'log cannot be read');
    },
  });
  return {
    start: () => {
      unlisten ??= bell.listen(() => loop.ring());
      loop.start();
    },
    healthy: () => healthy,
    stop: async () => {
      unlisten?.();
      await loop.stop();
      if (next !== undefined) await consumer.revoked([partition]);
    },
  };
};
