import type { FastifyRequest } from 'fastify';
import type { Permission } from '../auth/policy.js';
import type { AuditEntry } from './audit.js';
import type { AuditDeclaration } from './audited.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ID = /^\d{1,18}$/;
const PATIENT_ROUTE = /\/patients\/:(\w+)/;

const first = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * What a request that was not let asked for, from its address alone: its body was never looked at. Only what has the form of
 * an id is taken, because an address may hold anything, a name too.
 */
export const attemptOf = (request: FastifyRequest, declared: AuditDeclaration | undefined, permission: Permission | undefined): Pick<AuditEntry, 'action' | 'kind' | 'patientId' | 'subject'> => {
  const params = (request.params ?? {}) as Readonly<Record<string, unknown>>;
  const query = (request.query ?? {}) as Readonly<Record<string, unknown>>;
  const named = PATIENT_ROUTE.exec(request.routeOptions.url ?? '')?.[1];
  const patient = first(named === undefined ? query['patient'] : params[named]);
  const subject = first(params['id']);
  return {
    action: declared?.action ?? (request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'change'),
    kind: declared?.kind ?? permission?.split(':')[0] ?? 'unknown',
    ...(UUID.test(patient) ? { patientId: patient } : {}),
    ...(UUID.test(subject) || ID.test(subject) ? { subject } : {}),
  };
};
