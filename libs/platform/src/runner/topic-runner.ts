import type { Service } from '@throughline/contracts/define-event';
import type { BatchConsumer } from '../bus/bus.js';
import type { Handling } from './handling.js';
import { incoming } from './message.js';
import { PositionReader } from './position-reader.js';
import type { PositionReaderOptions, Settle } from './position-reader.js';
import type { Mismatch } from './positions.js';
import { Tries } from './tries.js';
import type { TriesOptions } from './tries.js';

export interface TopicRunnerOptions<S extends Service> extends TriesOptions<S>, Pick<PositionReaderOptions, 'log' | 'silenceMs'> {}

/** The reading side of one service, over any log. Hand it to `bus.subscribe`; `stop` after the subscription has stopped. */
export interface TopicRunner<S extends Service = Service> extends BatchConsumer {
  readonly handling: Handling<S>;
  /** Partitions that are not read because their log is not the one the position speaks of. */
  mismatches(): readonly Mismatch[];
  /** Gives up waiting between tries, and marks what was read as left in good order. */
  stop(): Promise<void>;
}

class Runner<S extends Service> extends PositionReader implements TopicRunner<S> {
  constructor(readonly handling: TopicRunnerOptions<S>) {
    super(handling, (stopping, onBelow): Settle => {
      const tries = new Tries(handling, stopping, onBelow);
      return (records, counted) => tries.settle(records.map((record) => incoming(record, handling.read)), counted);
    });
  }
}

export const createTopicRunner = <S extends Service>(options: TopicRunnerOptions<S>): TopicRunner<S> => new Runner(options);
