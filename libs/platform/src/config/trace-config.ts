import * as z from 'zod';
import { setting, type ConfigOf, type ConfigProblem } from './read-config.js';
import { url, wholeNumber } from './value-kinds.js';

/** How traces leave. Absent from the config: none are made, and nothing that makes them is loaded. */
export interface TraceConfig {
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly sampler: Sampler;
  /** Of the traces that begin here, for the samplers that take a ratio. */
  readonly ratio: number;
  readonly batch: { readonly delayMs: number; readonly queue: number; readonly size: number; readonly timeoutMs: number };
}

const SAMPLERS = ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const;
export type Sampler = (typeof SAMPLERS)[number];

const word = z.string().transform((value) => value.toLowerCase());
const AMOUNT = 'Set it to a whole number, or leave it out.';

/**
 * OpenTelemetry's own variables, by their own names. Address, headers, certificates and time-out of the exporter are read by
 * its package; here stands what decides whether there is one.
 */
export const traceSettings = {
  traceOff: setting('OTEL_SDK_DISABLED', word.pipe(z.enum(['true', 'false'])).transform((value) => value === 'true').default(false), 'Set it to true or false.'),
  traceExporter: setting('OTEL_TRACES_EXPORTER', word.pipe(z.enum(['otlp', 'none'])).optional(), 'Set it to otlp or none.'),
  traceEndpoint: setting(['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'], url('http', 'https').optional(), 'Set it to the http:// or https:// address of a collector.'),
  traceProtocol: setting(
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'],
    z.enum(['http/protobuf', 'http/json']).default('http/protobuf'),
    'Set it to http/protobuf or http/json (a collector listens for both on port 4318).',
  ),
  traceSampler: setting('OTEL_TRACES_SAMPLER', word.pipe(z.enum(SAMPLERS)).default('parentbased_always_on'), `Set it to one of ${SAMPLERS.join(', ')}.`),
  traceRatio: setting(
    'OTEL_TRACES_SAMPLER_ARG',
    z.string().regex(/^\d*\.?\d+$/, 'not a number').transform(Number).refine((n) => n <= 1, 'above 1').default(1),
    'Set it to a number from 0 to 1.',
  ),
  traceDelayMs: setting('OTEL_BSP_SCHEDULE_DELAY', wholeNumber(1, 3_600_000).default(5_000), AMOUNT),
  traceQueue: setting('OTEL_BSP_MAX_QUEUE_SIZE', wholeNumber(1, 1_000_000).default(2_048), AMOUNT),
  traceBatch: setting('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', wholeNumber(1, 1_000_000).default(512), AMOUNT),
  traceTimeoutMs: setting('OTEL_BSP_EXPORT_TIMEOUT', wholeNumber(1, 3_600_000).default(30_000), AMOUNT),
};

type Flat = ConfigOf<typeof traceSettings>;

export const batchFitsQueue = (flat: Flat): readonly ConfigProblem[] =>
  flat.traceBatch > flat.traceQueue ? [{ variable: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', wrong: 'it is above OTEL_BSP_MAX_QUEUE_SIZE', remedy: 'Set it to that or less.' }] : [];

/** On when an exporter is named, or an address to send to; never when it is switched off. */
export const tracesOf = (flat: Flat): TraceConfig | undefined => {
  const wanted = flat.traceExporter === undefined ? flat.traceEndpoint !== undefined : flat.traceExporter === 'otlp';
  if (flat.traceOff || !wanted) return undefined;
  return {
    protocol: flat.traceProtocol,
    sampler: flat.traceSampler,
    ratio: flat.traceRatio,
    batch: { delayMs: flat.traceDelayMs, queue: flat.traceQueue, size: flat.traceBatch, timeoutMs: flat.traceTimeoutMs },
  };
};
