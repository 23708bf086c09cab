import { randomUUID } from 'node:crypto';
import { fixedClock } from '@throughline/testing/fixed-clock';
import { RecordedTraces, type RecordedSpan } from '@throughline/testing/recorded-traces';
import { Refused } from '@throughline/kernel/refused';
import type { Bus, OutgoingRecord } from '../../src/bus/bus.js';
import { JobRunner } from '../../src/jobs/job-runner.js';
import { inTransaction } from '../../src/persistence/database.js';
import { createTransactions } from '../../src/persistence/transactions.js';
import { startRelay } from '../../src/runner/relay.js';
import { MessageSpans } from '../../src/telemetry/message-spans.js';
import { jobsService, type JobsService } from '../jobs-harness.js';
import { failing, HandMadeLog, notes, refused, silent, toyRunner, type Handler } from '../toy/toy-runner.js';
import { patient, record, toyDatabase, type ToyDatabase } from '../toy/toy-service.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const parentOf = (n: number): string => `00-${TRACE}-00000000000000a${n}-01`;

describe('a message in a trace', () => {
  let toy: ToyDatabase;
  let traces: RecordedTraces;
  beforeAll(async () => {
    toy = await toyDatabase(6);
  });
  afterAll(() => toy.drop());
  beforeEach(async () => {
    traces = new RecordedTraces();
    await toy.rows('truncate note, trace, outbox, job_request, job_origin, stream, position, inbox, applied, parked, outcome');
  });

  const hear = async (handler: Handler, parents: readonly (string | undefined)[], spans: MessageSpans | null = new MessageSpans(traces, 'scheduling', 'kafka')) => {
    const log = new HandMadeLog();
    const { runner } = toyRunner(toy.dataSource, log, handler, { spans: spans ?? undefined });
    parents.forEach((parent, n) => log.records.push(record(n, { key: patient(n), version: 1, ...(parent === undefined ? {} : { headers: { ce_traceparent: parent } }) })));
    await runner.assigned([{ topic: log.records[0]!.topic, partition: 0 }]);
    await runner.deliver(log.records);
    await runner.stop();
    return log.records;
  };
  const outbox = () => toy.rows<{ headers: Record<string, string> }>('select headers from outbox order by id');

  it('is handled as a child of what made it; what it publishes is a child of that; one span for the transaction links to all', async () => {
    const [first] = await hear(notes, [parentOf(1), parentOf(2), undefined]);
    const topic = first!.topic;
    const [batch] = traces.named(`batch ${topic}`);
    const handled = traces.named(`process ${topic}`);
    expect(batch).toMatchObject({ kind: 'consumer', links: [parentOf(1), parentOf(2), undefined], ended: true });
    expect(batch!.attributes).toMatchObject({ 'messaging.system': 'kafka', 'messaging.batch.message_count': 3, 'messaging.consumer.group.name': 'scheduling' });
    expect(handled.map((span) => span.parent)).toEqual([parentOf(1), parentOf(2), undefined]);
    for (const span of handled) expect(span).toMatchObject({ ended: true, links: [batch!.traceparent], attributes: { 'throughline.outcome': 'handled', 'cloudevents.event_type': first!.headers['ce_type'], 'messaging.operation.type': 'process' } });
    expect((await outbox()).map(({ headers }) => headers['ce_traceparent'])).toEqual(handled.map((span) => span.traceparent));
  });

  it('names no patient: neither key nor subject', async () => {
    const records = await hear(notes, [parentOf(1)]);
    const said = JSON.stringify(traces.spans);
    expect(said).not.toContain(records[0]!.key);
    expect(said).not.toContain(records[0]!.headers['ce_subject']);
  });

  it.each<[string, Handler, Partial<RecordedSpan>, string]>([
    ['refused', failing({ 1: refused }), {}, 'refused'],
    ['failed', failing({ 1: () => new Error('a defect') }), { failure: expect.any(Error) }, 'failed'],
  ])('is told as %s', async (_what, handler, shape, outcome) => {
    const [first] = await hear(handler, [parentOf(1)]);
    const [span] = traces.named(`process ${first!.topic}`);
    expect(span).toMatchObject({ ...shape, ended: true, attributes: { 'throughline.outcome': outcome } });
    expect('failure' in span!).toBe('failure' in shape);
  });

  it('hands a trace on where none are made here', async () => {
    await hear(notes, [parentOf(1)], null);
    expect((await outbox()).map(({ headers }) => headers['ce_traceparent'])).toEqual([parentOf(1)]);
    expect(traces.spans).toEqual([]);
  });

  it('leaves as a child of its handling, one span for all that this published', async () => {
    await hear(notes, [parentOf(1), undefined]);
    const sent: OutgoingRecord[] = [];
    const bus = { kind: 'kafka', publish: (_topic: string, records: readonly OutgoingRecord[]) => Promise.resolve(void sent.push(...records)) };
    const relay = startRelay({ service: 'scheduling', dataSource: toy.dataSource, bus: bus as unknown as Bus, bell: { listen: () => () => undefined } as never, logger: silent, pollMs: 60_000, spans: new MessageSpans(traces, 'scheduling', 'kafka') });
    await relay.flush();
    await relay.stop();
    const handled = traces.spans.filter((span) => span.name.startsWith('process '));
    expect(traces.named('send scheduling').map(({ parent, kind, ended, attributes }) => [parent, kind, ended, attributes['messaging.batch.message_count']])).toEqual(handled.map((span) => [span.traceparent, 'producer', true, 1]));
    expect(sent.map(({ headers }) => headers['ce_traceparent'])).toEqual(handled.map((span) => span.traceparent));
  });
});

describe('a job in a trace', () => {
  const clock = fixedClock('2026-03-01T12:00:00Z');
  let service: JobsService;
  let traces: RecordedTraces;
  beforeEach(async () => {
    service = await jobsService(clock);
    traces = new RecordedTraces();
  });
  afterEach(() => service.close());

  const job = { name: 'thing-due', rowId: randomUUID(), patientId: patient(1), dueAt: clock.now() };
  const ask = (traceparent: string | undefined): Promise<void> =>
    createTransactions({ service: 'care-plan', dataSource: service.dataSource, clock, bell: service.bell }).inPatients([job.patientId], { correlationId: job.rowId, causationId: job.rowId, actor: 'test', ...(traceparent ? { traceparent } : {}) }, async (unit) => unit.ask(job));
  const runner = () =>
    new JobRunner({
      service: 'care-plan', table: service.table, clock, logger: silent, metrics: service.metrics, traces,
      inTransaction: (work) => inTransaction(service.dataSource, work),
      inPatients: (ids, cause, work) => createTransactions({ service: 'care-plan', dataSource: service.dataSource, clock, bell: service.bell }).inPatients(ids, cause, work),
    });

  it('is a trace of its own, with a link to the thread that made its row; what it does goes on from it', async () => {
    await ask(parentOf(1));
    await ask(parentOf(2));
    const causes: (string | undefined)[] = [];
    service.behave((_job, unit) => Promise.resolve(void causes.push(unit.cause.traceparent)));
    await runner().wake(job);
    expect(traces.spans).toMatchObject([{ name: 'process job:thing-due', kind: 'consumer', links: [parentOf(1)], ended: true, attributes: { 'throughline.job': 'thing-due' } }]);
    expect(traces.spans[0]!.parent).toBeUndefined();
    expect(causes).toEqual([traces.spans[0]!.traceparent]);
  });

  it('fails with its error, but not with a refusal', async () => {
    await ask(undefined);
    service.behave(() => Promise.reject(new Error('a defect')));
    await expect(runner().wake(job)).rejects.toThrow('a defect');
    service.behave(() => Promise.reject(new Refused('closed', 'It is closed.')));
    await runner().wake(job);
    expect(traces.spans.map(({ links, ended, failure }) => [links, ended, failure instanceof Error])).toEqual([[[undefined], true, true], [[undefined], true, false]]);
    expect(await service.query('select 1 from job_origin')).toEqual([]);
  });
});
