import * as z from 'zod';
import { SERVICES } from './define-event.js';
import { flow, type EventType } from './flow.js';

type Json = Record<string, unknown>;

const routes = Object.entries(flow) as [EventType, (typeof flow)[EventType]][];

/**
 * JSON Schema of an event's data, in its *input* form: the output form closes objects and would make every subscriber
 * reject the first field we add.
 */
export const dataSchema = (type: EventType): Json => {
  const schema = z.toJSONSchema(flow[type].event.data, { io: 'input', target: 'draft-7' }) as Json;
  return { $id: `https://throughline.example/schemas/${type}.json`, title: type, description: flow[type].event.summary, ...schema };
};

/** CloudEvents 1.0 in Kafka's binary mode: the attributes are headers, the value is the data. */
const headers = (type: EventType): Json => ({
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_subject', 'ce_time', 'ce_partitionkey', 'ce_sequence', 'ce_correlationid', 'ce_causationid', 'content-type'],
  properties: {
    ce_specversion: { const: '1.0' },
    ce_id: { type: 'string', format: 'uuid', description: 'UUIDv5 of type, subject and version: the same fact always has the same id, so drop what you have seen' },
    ce_source: { type: 'string', description: '/throughline/<service>' },
    ce_type: { const: type },
    ce_subject: { type: 'string', format: 'uuid', description: 'What the event is about; its data.version numbers it' },
    ce_time: { type: 'string', format: 'date-time' },
    ce_partitionkey: { type: 'string', format: 'uuid', description: 'The patient id; also the record key. Order holds per key and topic' },
    ce_sequence: { type: 'string', description: 'Zero-padded number of the publication within its key' },
    ce_correlationid: { type: 'string', format: 'uuid', description: 'The same from the inbound message to the task' },
    ce_causationid: { type: 'string', format: 'uuid' },
    ce_traceparent: { type: 'string' },
    'content-type': { const: 'application/json' },
  },
});

/** AsyncAPI 3 document of everything that Throughline publishes. */
export const asyncApi = (): Json => {
  const of = (service: string) => routes.filter(([, route]) => route.from === service);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Throughline events',
      version: '1.0.0',
      description:
        'Every event states the whole current fact and its version. Delivery is at least once, in order per patient and topic: keep the last version per subject and ignore older or equal ones.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      SERVICES.map((service) => [
        service,
        {
          address: service,
          description: `What ${service} says. The record key is the patient id.`,
          messages: Object.fromEntries(of(service).map(([type]) => [type, { $ref: `#/components/messages/${type}` }])),
          bindings: { kafka: { topic: service, partitions: 12, topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': 30 * 86_400_000 } } },
        },
      ]),
    ),
    operations: Object.fromEntries(
      SERVICES.map((service) => [
        `publish-${service}`,
        { action: 'send', channel: { $ref: `#/channels/${service}` }, messages: of(service).map(([type]) => ({ $ref: `#/channels/${service}/messages/${type}` })) },
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        routes.map(([type, route]) => [
          type,
          {
            name: type,
            summary: route.event.summary,
            contentType: 'application/json',
            headers: headers(type),
            payload: { schemaFormat: 'application/schema+json;version=draft-07', schema: dataSchema(type) },
            bindings: { kafka: { key: { type: 'string', format: 'uuid' } } },
          },
        ]),
      ),
    },
  };
};

const node = (service: string): string => service.replaceAll('-', '_');

/** docs/FLOW.md: the data flow as a picture and a table. */
export const flowDocument = (): string => {
  const edges = SERVICES.flatMap((from) =>
    SERVICES.filter((to) => to !== from).flatMap((to) => {
      const types = routes.filter(([, route]) => route.from === from && (route.to as readonly string[]).includes(to)).map(([type]) => type);
      return types.length === 0 ? [] : [`  ${node(from)} -->|${[...new Set(types.map((type) => type.split('.')[1]))].join(', ')}| ${node(to)}`];
    }),
  );
  const rows = routes.map(([type, route]) => `| \`${type}\` | ${route.from} | ${route.to.join(', ') || 'subscribers only'} | ${route.event.summary} |`);
  return [
    '# The data flow',
    '',
    '*Generated from `libs/contracts/src/flow.ts` by `npm run contracts`. Do not edit.*',
    '',
    'No service calls another, and no service reads another\'s tables: every arrow is an event on the topic of the service it starts at.',
    '',
    '```mermaid',
    'flowchart LR',
    '  hospitals([hospital systems]) -->|HL7 v2, REST| intake',
    ...SERVICES.map((service) => `  ${node(service)}[${service}]`),
    ...edges,
    '  care_plan -->|Kafka, CloudEvents| tools([coordinators\' tools])',
    '  notification -->|SSE, e-mail| tools',
    '```',
    '',
    '| event | from | to | what it says |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
};
