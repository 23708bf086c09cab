import { readConfig } from './read-config.js';
import { batchFitsQueue, traceSettings, tracesOf } from './trace-config.js';

const read = (env: Record<string, string>) => tracesOf(readConfig(traceSettings, env, batchFitsQueue));
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('whether traces are made', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['nothing is set', {}, false],
    ['an address to send to', ENDPOINT, true],
    ['an address for traces alone', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' }, true],
    ['an exporter, at its usual address', { OTEL_TRACES_EXPORTER: 'otlp' }, true],
    ['an address, and no exporter wanted', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, false],
    ['all of it switched off', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'otlp', OTEL_SDK_DISABLED: 'TRUE' }, false],
    ['only how, not whether', { OTEL_TRACES_SAMPLER: 'always_on', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, false],
  ])('%s', (_what, env, on) => expect(read(env) !== undefined).toBe(on));
});

describe('how', () => {
  it('has the defaults of the specification', () => {
    expect(read(ENDPOINT)).toEqual({ protocol: 'http/protobuf', sampler: 'parentbased_always_on', ratio: 1, batch: { delayMs: 5_000, queue: 2_048, size: 512, timeoutMs: 30_000 } });
  });

  it('is told by the standard variables, that of traces before the common one', () => {
    const env = { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '.25', OTEL_BSP_SCHEDULE_DELAY: '100' };
    expect(read(env)).toMatchObject({ protocol: 'http/json', sampler: 'parentbased_traceidratio', ratio: 0.25, batch: { delayMs: 100 } });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" cannot be used.*http\/protobuf or http\/json/],
    [{ OTEL_TRACES_EXPORTER: 'zipkin' }, /OTEL_TRACES_EXPORTER/],
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, /OTEL_TRACES_SAMPLER: "sometimes"/],
    [{ OTEL_TRACES_SAMPLER_ARG: '2' }, /above 1/],
    [{ OTEL_SDK_DISABLED: 'yes' }, /Set it to true or false/],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /OTEL_EXPORTER_OTLP_ENDPOINT/],
    [{ OTEL_BSP_MAX_QUEUE_SIZE: '10' }, /OTEL_BSP_MAX_EXPORT_BATCH_SIZE: it is above OTEL_BSP_MAX_QUEUE_SIZE/],
  ])('is refused when it cannot be done: %j', (env, says) => expect(() => read(env as Record<string, string>)).toThrow(says));
});
