import type { Receipt } from '../../application/ports.js';
import { ofProblem, taken, type OperationOutcome } from './operation-outcome.js';

/** A resource that was read, as far as an answer names it. */
export interface Named {
  readonly resourceType: string;
  readonly id?: unknown;
  readonly type?: unknown;
  readonly entry?: unknown;
}

export interface FhirAnswer {
  readonly status: number;
  readonly body: object;
  readonly location?: string;
}

interface Entry {
  readonly resource?: Named;
  readonly request?: { readonly method?: unknown; readonly url?: unknown };
}

interface EntryAnswer {
  readonly response: { readonly status: string; readonly location?: string; readonly outcome?: OperationOutcome };
}

const idOf = ({ id }: Named): string | undefined => (typeof id === 'string' ? id : undefined);

const NOT_OFFERED: EntryAnswer = { response: { status: '405 Method Not Allowed', outcome: ofProblem({ status: 405, detail: 'Nothing can be read here, changed in part or deleted; only POST and PUT are done.' }) } };

const entryAnswer = ({ resource, request }: Entry): EntryAnswer => {
  if (request?.method !== 'PUT' && request?.method !== 'POST') return NOT_OFFERED;
  const id = resource && idOf(resource);
  return { response: { status: request.method === 'PUT' ? '200 OK' : '201 Created', ...(resource && id ? { location: `${resource.resourceType}/${id}` } : {}) } };
};

/** The sender keeps its ids; one that has none goes by the message's. */
export const created = (resource: Named, { inboundId }: Receipt): FhirAnswer => {
  const id = idOf(resource) ?? inboundId;
  return { status: 201, body: { ...resource, id }, location: `/fhir/${resource.resourceType}/${id}` };
};

export const updated = (resource: Named): FhirAnswer => ({ status: 200, body: resource });

export const notified = (_resource: Named, { inboundId, repeat }: Receipt): FhirAnswer => ({ status: 200, body: taken(inboundId, repeat) });

/** Transactions and batches are answered entry by entry, in their order; anything else as a whole. */
export const bundled = (resource: Named, receipt: Receipt): FhirAnswer => {
  if (resource.type !== 'transaction' && resource.type !== 'batch') return notified(resource, receipt);
  const entries = (resource.entry ?? []) as readonly Entry[];
  return { status: 200, body: { resourceType: 'Bundle', id: receipt.inboundId, type: `${resource.type}-response`, entry: entries.map(entryAnswer) } };
};
