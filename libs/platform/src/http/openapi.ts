import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { POLICY, type Permission } from '../auth/policy.js';

const problem = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' as const, format: 'uri', example: 'urn:throughline:problem:invalid' },
    title: { type: 'string' as const },
    status: { type: 'integer' as const },
    detail: { type: 'string' as const },
    errors: {
      type: 'array' as const,
      items: { type: 'object' as const, required: ['field', 'detail'], properties: { field: { type: 'string' as const }, detail: { type: 'string' as const } } },
    },
    correlationId: { type: 'string' as const },
  },
};

const COMMAND_PROBLEMS = {
  409: 'Refused as things stand, or a request with this key is still running',
  412: 'Changed by someone else since it was read',
  422: 'Refused because of a field, or the key was used for another body',
  428: 'If-Match is missing',
};

interface Operation {
  readonly 'x-permission'?: Permission;
  readonly 'x-command'?: true;
  readonly responses: Record<string, unknown>;
}

const addProblems = (operation: Operation): void => {
  const permission = operation['x-permission'];
  const problems: Record<string, string> = {
    ...(permission ? { 400: 'The request is not valid; `errors` names the fields', 401: 'No token, or one that is not accepted', 403: `Allowed for: ${POLICY[permission].roles.join(', ')}` } : {}),
    ...(operation['x-command'] ? COMMAND_PROBLEMS : {}),
  };
  for (const [status, description] of Object.entries(problems)) {
    operation.responses[status] ??= { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
  }
};

/** The service's OpenAPI document; what every route of a permission may answer is added to what its controller declares. */
export const openApiDocument = (app: INestApplication, service: string): OpenAPIObject => {
  const document = SwaggerModule.createDocument(
    app,
    new DocumentBuilder()
      .setTitle(`Throughline: ${service}`)
      .setVersion('1')
      .setDescription('Errors are RFC 9457 problem details. Lists answer {items, nextCursor}. Changes to what exists need If-Match with the ETag that was read.')
      .addBearerAuth()
      .addServer('/')
      .build(),
  );
  document.components = { ...document.components, schemas: { ...document.components?.schemas, Problem: problem } };
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path as Record<string, unknown>)) {
      if (typeof operation === 'object' && operation !== null && 'responses' in operation) addProblems(operation as Operation);
    }
  }
  return document;
};
