import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Parser } from '@asyncapi/parser';
import { Ajv } from 'ajv';
import { asyncApi, dataSchema } from '../src/asyncapi.js';
import { documents } from '../src/documents.js';
import { consumedBy, flow, publishedBy, topicsReadBy, type Consumes, type EventType, type Publishes } from '../src/flow.js';
import { SERVICES } from '../src/define-event.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const golden = fileURLToPath(new URL('../golden/', import.meta.url));
const json = (path: string): Record<string, unknown> => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
const types = Object.keys(flow) as EventType[];

// Formats say what a reader may expect; the patterns beside them are what a validator checks.
const accepts = (schema: object, value: unknown): string | true => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  return ajv.validate(schema, value) ? true : ajv.errorsText();
};

describe('the published contract', () => {
  it.each(documents().map(([path, text]) => ({ path, text })))('$path is current: `npm run contracts` changes nothing', ({ path, text }) => {
    expect(readFileSync(root + path, 'utf8')).toBe(text);
  });

  it('has a golden sample and a frozen schema for every event, and none for an event that is gone', () => {
    const names = types.map((type) => `${type}.json`).sort();
    expect(readdirSync(`${golden}samples`).sort()).toEqual(names);
    expect(readdirSync(`${golden}schemas`).sort()).toEqual(names);
  });

  it.each(types)('%s: the sample is read, survives a round trip, and names its subject', (type) => {
    const sample = json(`${golden}samples/${type}.json`);
    const definition = flow[type].event;
    const parsed = definition.data.parse(sample);
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(sample);
    expect((definition.subject as (data: unknown) => string)(parsed)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(types)('%s: today\'s sample is accepted by the schema as first published, and a sample with a new field by both', (type) => {
    const sample = json(`${golden}samples/${type}.json`);
    const frozen = json(`${golden}schemas/${type}.json`);
    expect(accepts(frozen, sample)).toBe(true);
    for (const schema of [frozen, dataSchema(type)]) expect(accepts(schema, { ...sample, learntLater: 1 })).toBe(true);
  });

  it.each(types)('%s: a sample without its version, or with a local time, is refused', (type) => {
    const { version: _version, ...without } = json(`${golden}samples/${type}.json`);
    expect(accepts(dataSchema(type), without)).not.toBe(true);
    expect(flow[type].event.data.safeParse(without).success).toBe(false);
  });

  it('is an AsyncAPI 3 document that its own parser accepts', async () => {
    const diagnostics = await new Parser().validate(JSON.stringify(asyncApi()));
    expect(diagnostics.filter((d) => d.severity === 0).map((d) => `${d.path.join('.')}: ${d.message}`)).toEqual([]);
  });
});

describe('the flow', () => {
  it('routes every event from one service to others, never to itself', () => {
    for (const type of types) {
      expect(SERVICES).toContain(flow[type].from);
      expect(flow[type].to).not.toContain(flow[type].from);
    }
  });

  it('answers who reads and who publishes what', () => {
    expect(topicsReadBy('care-plan')).toEqual(['intake', 'medication-reconciliation', 'scheduling']);
    expect(consumedBy('scheduling')).toContain('care.episode.opened.v1');
    expect(publishedBy('scheduling')).toEqual(['care.follow-up.requested.v1', 'care.follow-up.booked.v1', 'care.follow-up.withdrawn.v1']);
  });

  it('does not compile without a handler, with one too many, or when a foreign event is published', () => {
    const handler = (): Promise<void> => Promise.resolve();
    const complete: Consumes<'scheduling', unknown> = {
      'care.patient.recorded.v1': handler,
      'care.patients.merged.v1': handler,
      'care.appointment.stated.v1': handler,
      'care.episode.opened.v1': handler,
      'care.episode.changed.v1': handler,
      'care.episode.ended.v1': handler,
    };
    const { 'care.episode.ended.v1': _ended, ...incomplete } = complete;
    // @ts-expect-error care.episode.ended.v1 has no handler
    const missing: Consumes<'scheduling', unknown> = incomplete;
    // @ts-expect-error care.task.opened.v1 is not routed to scheduling
    const unrouted: Consumes<'scheduling', unknown> = { ...complete, 'care.task.opened.v1': handler };
    // @ts-expect-error care-plan cannot publish what intake says
    const foreign: Publishes<'care-plan'>['type'] = 'care.discharge.recorded.v1';
    expect([missing, unrouted, foreign]).toHaveLength(3);
  });
});
