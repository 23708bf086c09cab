import { NotUp } from './bring-up.js';
import type { Bus } from '../bus/bus.js';
import type { LogView, Mismatch } from '../runner/positions.js';

/** A topic beside the flow that a service reads by itself: its positions are shown, counted and put back as the others' are. */
export interface OwnTopic {
  readonly topic: string;
  /** The log as its reader sees it: what a position remembers of a record is the reader's to say. */
  readonly log: LogView;
  readonly mismatches: () => readonly Mismatch[];
}

/** The bus, from when it is up, and the topics that a service reads on it by itself. */
export class OwnTopics {
  readonly #topics: OwnTopic[] = [];
  #busOf: () => Bus | undefined = () => undefined;

  /** @throws NotUp */
  readonly bus = (): Bus => {
    const bus = this.#busOf();
    if (!bus) throw new NotUp('the bus is not up yet');
    return bus;
  };

  useBus(busOf: () => Bus | undefined): void {
    this.#busOf = busOf;
  }

  register(topic: OwnTopic): void {
    this.#topics.push(topic);
  }

  get names(): readonly string[] {
    return this.#topics.map(({ topic }) => topic);
  }

  mismatches(): readonly Mismatch[] {
    return this.#topics.flatMap((one) => one.mismatches());
  }

  /** Who looks into the log of a topic: its own reader, or the bus. */
  logOf(topic: string): LogView {
    return this.#topics.find((one) => one.topic === topic)?.log ?? this.bus();
  }
}
