import { MllpClient } from '@throughline/testing/mllp-client';
import type { System } from '@throughline/testing/system';
import { SenderJournal } from '../faults/sender-journal.js';
import { Stay } from '../stories/ward.js';

const LANES = 4;

/** Hospitals that send until nobody listens any more: an admission and a discharge per patient, one message in flight per connection. */
export class EndlessStream {
  /** Sent and not answered: a sender has to send these again. */
  readonly unanswered: string[] = [];
  /** Answered otherwise than AA. */
  readonly refused: string[] = [];
  readonly #ended: Promise<unknown>;

  constructor(
    private readonly system: System,
    readonly journal: SenderJournal,
  ) {
    this.#ended = Promise.all(Array.from({ length: LANES }, () => this.#lane()));
  }

  /** Resolves when every connection has been ended by the other side. */
  async ended(): Promise<void> {
    await this.#ended;
  }

  async #lane(): Promise<void> {
    const client = await MllpClient.connect(this.system.mllpPort);
    for (;;) {
      const stay = new Stay(this.system);
      for (const message of [stay.message('A01'), stay.message('A03')]) {
        try {
          const { code, raw } = await client.send(message);
          if (code === 'AA') this.journal.accepted(message);
          else this.refused.push(raw.replaceAll('\r', ' '));
        } catch {
          this.unanswered.push(message);
          return;
        }
      }
    }
  }
}
