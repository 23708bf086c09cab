import * as z from 'zod';
import { SERVICES } from './define-event.js';
import { flow, type EventType } from './flow.js';
import { ANSWERED, AnsweredData, INGRESS_ANSWERS_TOPIC, INGRESS_TOPIC, INGRESS_TYPES } from './ingress.js';

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

const bindings = (topic: string): Json => ({ kafka: { topic, partitions: 12, topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': 30 * 86_400_000 } } });
const refsTo = (channel: string, types: readonly string[]): Json[] => types.map((type) => ({ $ref: `#/channels/${channel}/messages/${type}` }));
const messagesOf = (types: readonly string[]): Json => Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }]));

const eventHeaders = (type: string, required: readonly string[]): Json => ({
  type: 'object',
  required,
  properties: { ce_specversion: { const: '1.0' }, ce_id: { type: 'string', maxLength: 199 }, ce_source: { type: 'string', maxLength: 400 }, ce_type: { const: type }, ce_time: { type: 'string', format: 'date-time' }, ce_traceparent: { type: 'string' } },
});

const INGRESS = Object.keys(INGRESS_TYPES);

/** What systems outside send, and what they are answered: CloudEvents 1.0, binary or structured. */
const ingress = {
  channels: {
    [INGRESS_TOPIC]: { address: INGRESS_TOPIC, description: 'What systems outside send. The record key decides what keeps its order: the patient, where you can.', messages: messagesOf(INGRESS), bindings: bindings(INGRESS_TOPIC) },
    [INGRESS_ANSWERS_TOPIC]: { address: INGRESS_ANSWERS_TOPIC, description: 'What became of each record of the ingress, under the same record key.', messages: messagesOf([ANSWERED]), bindings: bindings(INGRESS_ANSWERS_TOPIC) },
  },
  operations: {
    [`receive-${INGRESS_TOPIC}`]: { action: 'receive', channel: { $ref: `#/channels/${INGRESS_TOPIC}` }, messages: refsTo(INGRESS_TOPIC, INGRESS) },
    [`publish-${INGRESS_ANSWERS_TOPIC}`]: { action: 'send', channel: { $ref: `#/channels/${INGRESS_ANSWERS_TOPIC}` }, messages: refsTo(INGRESS_ANSWERS_TOPIC, [ANSWERED]) },
  },
  messages: {
    ...Object.fromEntries(Object.entries(INGRESS_TYPES).map(([type, summary]) => [type, { name: type, summary, headers: eventHeaders(type, ['ce_specversion', 'ce_id', 'ce_source', 'ce_type']) }])),
    [ANSWERED]: {
      name: ANSWERED,
      summary: 'What became of a record of the ingress',
      contentType: 'application/json',
      headers: eventHeaders(ANSWERED, ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'content-type']),
      payload: { schemaFormat: 'application/schema+json;version=draft-07', schema: z.toJSONSchema(AnsweredData, { io: 'input', target: 'draft-7' }) },
    },
  },
};

/** AsyncAPI 3 document of everything that Throughline publishes, and of what it takes. */
export const asyncApi = (): Json => {
  const of = (service: string): readonly string[] => routes.filter(([, route]) => route.from === service).map(([type]) => type);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Throughline events',
      version: '1.0.0',
      description:
        'Every event states the whole current fact and its version. Delivery is at least once, in order per patient and topic: keep the last version per subject and ignore older or equal ones.',
    },
    defaultContentType: 'application/json',
    channels: {
      ...Object.fromEntries(
        SERVICES.map((service) => [
          service,
          { address: service, description: `What ${service} says. The record key is the patient id.`, messages: messagesOf(of(service)), bindings: bindings(service) },
        ]),
      ),
      ...ingress.channels,
    },
    operations: {
      ...Object.fromEntries(SERVICES.map((service) => [`publish-${service}`, { action: 'send', channel: { $ref: `#/channels/${service}` }, messages: refsTo(service, of(service)) }])),
      ...ingress.operations,
    },
    components: {
      messages: {
        ...ingress.messages,
        ...Object.fromEntries(
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
    '  hospitals([hospital systems]) -->|HL7 v2, FHIR, REST, Kafka| intake',
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
