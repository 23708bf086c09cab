import type { Actor } from '../auth/actor.js';

/** What the platform knows of one HTTP request beside the request itself. */
export interface RequestContext {
  readonly service: string;
  /** `x-correlation-id` of the caller when it is a plain token, else made here; goes back in the same header. */
  readonly correlationId: string;
  /** The request's span's, else the caller's. */
  readonly traceparent?: string;
  actor?: Actor;
  /** Set once the audit rows of this request are staged or written. */
  audited: boolean;
}

const contexts = new WeakMap<object, RequestContext>();

export const openContext = (request: object, context: RequestContext): void => void contexts.set(request, context);

export const contextOf = (request: object): RequestContext => {
  const context = contexts.get(request);
  if (!context) throw new Error('The request has no context: the HTTP adapter was not set up by the platform');
  return context;
};
