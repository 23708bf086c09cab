import { OtlpReceiver } from '@throughline/testing/otlp-receiver';
import { createLogger } from '../../src/telemetry/logger.js';
import { openTelemetry } from '../../src/telemetry/open-telemetry.js';
import type { Traces } from '../../src/telemetry/traces.js';
import type { TraceConfig } from '../../src/config/trace-config.js';

const CONFIG: TraceConfig = { protocol: 'http/json', sampler: 'parentbased_always_on', ratio: 1, batch: { delayMs: 60_000, queue: 100, size: 100, timeoutMs: 2_000 } };
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const OTHER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('OpenTelemetry behind our port', () => {
  let receiver: OtlpReceiver;
  let said: string[];
  beforeEach(async () => {
    receiver = await OtlpReceiver.start();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
    process.env['OTEL_RESOURCE_ATTRIBUTES'] = 'deployment.environment.name=ward';
    said = [];
  });
  afterEach(() => receiver.stop());
  const open = (config: Partial<TraceConfig> = {}): Promise<Traces> =>
    openTelemetry('intake', { ...CONFIG, ...config }, createLogger({ service: 'intake', to: { write: (line: string) => void said.push(line) } }));

  it('sends spans with their parent, their links and what they say of themselves', async () => {
    const traces = await open();
    const span = traces.begin({ name: 'process intake', kind: 'consumer', parent: PARENT, links: [OTHER, OTHER, undefined, 'not one'], attributes: { 'messaging.batch.message_count': 3, 'throughline.job': undefined } });
    const child = traces.begin({ name: 'send intake', kind: 'producer', parent: span.traceparent });
    child.end();
    span.set({ 'throughline.outcome': 'handled' });
    span.end();
    await traces.close();
    const [inner, outer] = receiver.spans;
    expect(outer).toMatchObject({ service: 'intake', name: 'process intake', kind: 5, traceId: TRACE, parentSpanId: 'b7ad6b7169203331', links: [{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }], failed: false });
    expect(outer!.attributes).toEqual({ 'messaging.batch.message_count': 3, 'throughline.outcome': 'handled' });
    expect(inner).toMatchObject({ name: 'send intake', kind: 4, traceId: TRACE, parentSpanId: outer!.spanId });
    expect(span.traceparent).toBe(`00-${TRACE}-${outer!.spanId}-01`);
    expect(receiver.bodies.join('')).toContain('deployment.environment.name');
  });

  it('begins a trace of its own where there is no parent, or none that can be read', async () => {
    const traces = await open();
    for (const parent of [undefined, '', '00-a-b-01', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) traces.begin({ name: 'one', kind: 'server', parent }).end();
    await traces.close();
    expect(receiver.spans.map((span) => span.parentSpanId)).toEqual([undefined, undefined, undefined, undefined]);
    expect(new Set(receiver.spans.map((span) => span.traceId)).size).toBe(4);
  });

  it('tells the kind of an error and never its message, and withholds what is no id and no code', async () => {
    const traces = await open();
    const span = traces.begin({ name: 'one', kind: 'client', attributes: { 'http.route': 'Jane Doe, 12 Main St', 'cloudevents.event_type': 'a'.repeat(121) } });
    span.end(Object.assign(new Error('Zanzibarqua'), { name: 'QueryFailedError', code: '23505', detail: 'Key (name)=(Zanzibarqua)' }));
    traces.begin({ name: 'two', kind: 'client' }).end(new TypeError('Zanzibarqua'));
    traces.begin({ name: 'three', kind: 'client' }).end('503');
    await traces.close();
    expect(receiver.spans.map(({ failed, attributes }) => [failed, attributes['error.type']])).toEqual([[true, '23505'], [true, 'TypeError'], [true, '503']]);
    expect(receiver.spans[0]!.attributes).toMatchObject({ 'http.route': '[withheld]', 'cloudevents.event_type': '[withheld]' });
    expect(receiver.bodies.join('')).not.toMatch(/Zanzibarqua|Jane/);
  });

  it('says nothing of the machine and the process', async () => {
    const traces = await open();
    traces.begin({ name: 'one', kind: 'server' }).end();
    await traces.close();
    expect(receiver.bodies.join('')).not.toMatch(/host\.|process\.|os\./);
  });

  it.each<[TraceConfig['sampler'], number, string, number]>([
    ['parentbased_always_on', 1, PARENT.replace(/01$/, '00'), 0],
    ['always_on', 1, PARENT.replace(/01$/, '00'), 1],
    ['always_off', 1, PARENT, 0],
    ['parentbased_always_off', 1, PARENT, 1],
    ['traceidratio', 0, PARENT, 0],
    ['parentbased_traceidratio', 0, PARENT, 1],
  ])('samples by %s', async (sampler, ratio, parent, sent) => {
    const traces = await open({ sampler, ratio });
    const span = traces.begin({ name: 'one', kind: 'server', parent });
    span.end();
    await traces.close();
    expect(receiver.spans).toHaveLength(sent);
    // What is not sampled still hands the trace on, with that decision.
    expect(span.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-0${sent}$`));
  });

  it('speaks protobuf by default', async () => {
    const traces = await open({ protocol: 'http/protobuf' });
    traces.begin({ name: 'one', kind: 'server' }).end();
    await traces.close();
    expect(receiver.contentTypes).toEqual(['application/x-protobuf']);
    expect(receiver.bodies[0]).toContain('one');
  });

  it('goes on without a collector, says so, and holds no stop up', async () => {
    await receiver.stop();
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '300';
    const traces = await open();
    traces.begin({ name: 'Zanzibarqua', kind: 'server' }).end();
    await traces.close();
    delete process.env['OTEL_EXPORTER_OTLP_TIMEOUT'];
    receiver = await OtlpReceiver.start();
    expect(said.join('')).toContain('traces could not be sent');
    expect(said.join('')).not.toContain('Zanzibarqua');
  });
});
