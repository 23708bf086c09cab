import type { Service } from '@throughline/contracts/define-event';
import { type Attributes, type Context, diag, DiagLogLevel, type Link, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { detectResources, resourceAttributesEnvDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, type Sampler, type SpanExporter, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { TraceConfig } from '../config/trace-config.js';
import { safeError } from './safe-error.js';
import type { SpanAttributes, SpanStart, Traces, TraceSpan } from './traces.js';

/** A batch has up to 200 messages, and a link to each. */
const LINKS = 256;
const CLOSE_MS = 3_000;
const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;
// As for log lines: nothing that could be a name or a part of a message passes as an id or a code.
const CODE = /^[\w.:/*^-]{1,120}$/;

const attributesOf = (attributes: SpanAttributes): Attributes => {
  const safe: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) safe[name] = typeof value === 'string' && !CODE.test(value) ? '[withheld]' : value;
  }
  return safe;
};

const contextOf = (traceparent: string | undefined) => {
  const parsed = traceparent === undefined ? null : parseTraceParent(traceparent);
  return parsed === null ? undefined : { ...parsed, isRemote: true };
};

const parentOf = (traceparent: string | undefined): Context => {
  const context = contextOf(traceparent);
  return context === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
};

const linksOf = (traceparents: readonly (string | undefined)[]): Link[] =>
  [...new Set(traceparents)].flatMap((traceparent) => {
    const context = contextOf(traceparent);
    return context === undefined ? [] : [{ context }];
  });

const kindOf = (failure: unknown): string => {
  if (typeof failure === 'string') return CODE.test(failure) ? failure : '[withheld]';
  const { name, code } = safeError(failure);
  return code ?? name;
};

const begin = (tracer: Tracer, { name, kind, parent, links = [], attributes = {} }: SpanStart): TraceSpan => {
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes: attributesOf(attributes), links: linksOf(links) }, parentOf(parent));
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`,
    set: (more) => void span.setAttributes(attributesOf(more)),
    end: (failure) => {
      if (failure !== undefined) {
        span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', kindOf(failure));
      }
      span.end();
    },
  };
};

const samplerOf = ({ sampler, ratio }: TraceConfig): Sampler => {
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
};

/** Reads its address, headers, certificates and time-out from the environment by itself. */
const exporterOf = async ({ protocol }: TraceConfig): Promise<SpanExporter> => {
  const { OTLPTraceExporter } = protocol === 'http/json' ? await import('@opentelemetry/exporter-trace-otlp-http') : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
};

/** What the SDK complains of: usually a collector that does not answer. Its words may quote what it sent, so they are not kept. */
const tellTroubles = (warn: () => void): void => {
  const nothing = (): void => undefined;
  diag.setLogger({ error: warn, warn, info: nothing, debug: nothing, verbose: nothing }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
};

/**
 * OpenTelemetry's SDK behind our port. Of its own per service, so that five in one process keep apart. Nothing is read from the
 * machine or the process (names of hosts, arguments): the resource is the service and OTEL_RESOURCE_ATTRIBUTES.
 */
export const openTelemetry = async (service: Service, config: TraceConfig, logger: Logger): Promise<Traces> => {
  const troubled = (): void => logger.warn('traces could not be sent, and are dropped');
  tellTroubles(troubled);
  const { delayMs, queue, size, timeoutMs } = config.batch;
  const provider = new TracerProvider({
    resource: detectResources({ detectors: [resourceAttributesEnvDetector] }).merge(resourceFromAttributes({ 'service.name': service, 'service.namespace': 'throughline' })),
    sampler: samplerOf(config),
    spanLimits: { linkCountLimit: LINKS },
    spanProcessors: [new BatchSpanProcessor({ exporter: await exporterOf(config), scheduledDelayMillis: delayMs, maxQueueSize: queue, maxExportBatchSize: size, exportTimeoutMillis: timeoutMs })],
  });
  const tracer = provider.getTracer('throughline');
  return {
    begin: (start) => begin(tracer, start),
    close: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((_done, fail) => (timer = setTimeout(() => fail(new Error('late')), CLOSE_MS)));
      await Promise.race([provider.shutdown(), late]).catch(troubled).finally(() => clearTimeout(timer));
    },
  };
};
