/**
 * The only attributes a span may have: ids of messages, codes, counts and times, by OpenTelemetry's names where it has one.
 * No message key (it is a patient's id), no subject, no address of a request, nothing that a person or a message said.
 */
export type SpanAttribute =
  | 'messaging.system' | 'messaging.operation.name' | 'messaging.operation.type' | 'messaging.destination.name' | 'messaging.destination.partition.id'
  | 'messaging.consumer.group.name' | 'messaging.batch.message_count' | 'messaging.message.id' | 'messaging.message.conversation_id' | 'messaging.kafka.offset'
  | 'cloudevents.event_id' | 'cloudevents.event_source' | 'cloudevents.event_spec_version' | 'cloudevents.event_type'
  | 'http.request.method' | 'http.route' | 'http.response.status_code' | 'network.protocol.name'
  | 'throughline.hl7.message_type' | 'throughline.hl7.control_id_hash' | 'throughline.hl7.acknowledgement'
  | 'throughline.job' | 'throughline.notice_number' | 'throughline.outcome' | 'throughline.repeat';

export type SpanAttributes = { readonly [Name in SpanAttribute]?: string | number | boolean | undefined };

export interface SpanStart {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer';
  /** `traceparent` of what caused it. Without one, or with an unreadable one, a trace begins here. */
  readonly parent?: string | undefined;
  /** `traceparent` of others that it belongs to as well. */
  readonly links?: readonly (string | undefined)[];
  readonly attributes?: SpanAttributes;
}

export interface TraceSpan {
  /** Its place in the trace, as W3C Trace Context writes it: what follows from it names it as its parent. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  /** `failure`: what was thrown, or a code; the kind of an error is told, never its message. */
  end(failure?: unknown): void;
}

/**
 * Where a service's spans go. A service that has none configured has no `Traces` at all: whoever would begin a span asks for
 * that first, so that nothing is made for nobody.
 */
export interface Traces {
  begin(start: SpanStart): TraceSpan;
  /** Sends what is still held, within a few seconds. */
  close(): Promise<void>;
}

/** The work's own outcome, with the span ended by it. */
export const during = async <T>(span: TraceSpan | undefined, work: Promise<T>): Promise<T> => {
  if (span === undefined) return work;
  try {
    const done = await work;
    span.end();
    return done;
  } catch (error) {
    span.end(error);
    throw error;
  }
};

/** Ids that callers may choose are told only where they can be nothing but an id. */
export const uuidOrNothing = (id: string | undefined): string | undefined =>
  id !== undefined && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id) ? id : undefined;
