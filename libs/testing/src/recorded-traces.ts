import type { SpanAttributes, SpanStart, Traces, TraceSpan } from '@throughline/platform/telemetry/traces';

export interface RecordedSpan extends SpanStart {
  readonly traceparent: string;
  readonly attributes: SpanAttributes;
  ended: boolean;
  failure?: unknown;
}

/** Keeps what was traced. A span goes on with its parent's trace; the n-th span has the id n. */
export class RecordedTraces implements Traces {
  readonly spans: RecordedSpan[] = [];

  begin(start: SpanStart): TraceSpan {
    const n = this.spans.length + 1;
    const traceparent = `00-${start.parent?.split('-')[1] ?? String(n).padStart(32, '0')}-${String(n).padStart(16, '0')}-01`;
    const span: RecordedSpan = { ...start, traceparent, attributes: { ...start.attributes }, ended: false };
    this.spans.push(span);
    return {
      traceparent,
      set: (attributes) => void Object.assign(span.attributes, attributes),
      end: (failure) => {
        if (span.ended) throw new Error(`The span ${span.name} ended twice`);
        span.ended = true;
        if (failure !== undefined) span.failure = failure;
      },
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  named(name: string): readonly RecordedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }
}
