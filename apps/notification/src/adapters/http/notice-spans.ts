import type { Clock } from '@throughline/kernel/clock';
import { type Traces, uuidOrNothing } from '@throughline/platform/telemetry/traces';
import type { NumberedNotice } from '../../application/ports.js';

/** What is told again later than this is somebody's catching up, and no part of the thread any more. */
const FRESH_MS = 10 * 60_000;

/**
 * The end of a thread: its notice goes out to the first client of this process that is told of it. Not to each: how many
 * screens are open says nothing about a message.
 */
export class NoticeSpans {
  #told = 0;

  constructor(
    private readonly traces: Traces,
    private readonly clock: Clock,
  ) {}

  /** Called as they are written; answers how to end it. */
  deliver(notices: readonly NumberedNotice[]): () => void {
    const since = this.clock.now().getTime() - FRESH_MS;
    const first = notices.filter(({ number, at, traceparent }) => traceparent !== undefined && number > this.#told && Date.parse(at) > since);
    this.#told = Math.max(this.#told, notices.at(-1)?.number ?? 0);
    const spans = first.map(({ number, type, correlationId, traceparent }) =>
      this.traces.begin({
        name: 'send stream',
        kind: 'producer',
        parent: traceparent,
        attributes: {
          'messaging.system': 'throughline', 'messaging.operation.name': 'send', 'messaging.operation.type': 'send', 'messaging.destination.name': 'stream',
          'messaging.message.conversation_id': uuidOrNothing(correlationId), 'cloudevents.event_type': type, 'throughline.notice_number': number, 'network.protocol.name': 'sse',
        },
      }),
    );
    return () => spans.forEach((span) => span.end());
  }
}
