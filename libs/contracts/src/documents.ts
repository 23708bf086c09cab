import { asyncApi, dataSchema, flowDocument } from './asyncapi.js';
import { flow, type EventType } from './flow.js';
import { aclScript } from './kafka-access.js';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Everything generated from the flow: path from the repository's root, and text. */
export const documents = (): readonly (readonly [path: string, text: string])[] => [
  ...(Object.keys(flow) as EventType[]).map((type) => [`libs/contracts/generated/schemas/${type}.json`, json(dataSchema(type))] as const),
  ['libs/contracts/generated/asyncapi.json', json(asyncApi())],
  ['docs/FLOW.md', flowDocument()],
  ['infra/kafka/acls.sh', aclScript()],
];
