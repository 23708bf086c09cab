import { wholeOf } from '../work/portion.js';
import type { PeerSetup } from './peer-protocol.js';

/** Messages read so far, and how many discharges they stand for. */
export class Arrivals {
  readonly #read = new Map<string, number>();

  constructor(private readonly topics: PeerSetup['reads']) {}

  add(topic: string, messages: number): void {
    this.#read.set(topic, (this.#read.get(topic) ?? 0) + messages);
  }

  /** All that so many discharges bring has been read. */
  complete(discharges: number): boolean {
    return this.topics.every(({ topic, messages }) => (this.#read.get(topic) ?? 0) >= wholeOf(messages, discharges));
  }

  get total(): number {
    return this.topics.reduce((sum, { topic }) => sum + (this.#read.get(topic) ?? 0), 0);
  }

  /** Counted over all topics. */
  get discharges(): number {
    return this.total / this.topics.reduce((sum, { messages }) => sum + messages, 0);
  }

  /** Counted on the first topic alone: where services read from each other in a circle, each would wait for the other's last messages. */
  get begun(): number {
    const [first] = this.topics;
    return first ? (this.#read.get(first.topic) ?? 0) / first.messages : 0;
  }
}
