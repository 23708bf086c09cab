import type { QueryResult } from '../../domain/summary-chase.js';

export type Failure = Exclude<QueryResult, 'found'>;

/** The query is over; why, as a code. What the source wrote is not kept: it may name somebody. */
export class QueryEnded extends Error {
  override readonly name = 'QueryEnded';
  constructor(readonly result: Failure) {
    super(result);
  }
}

export interface SourceOptions {
  /** Without a slash at its end. */
  readonly base: URL;
  /** Absent: nobody has to show who they are. */
  readonly tokens?: Tokens | undefined;
}

/** Where a bearer token comes from. */
export interface Tokens {
  /** @throws QueryEnded */
  token(signal: AbortSignal): Promise<string>;
  /** It was not taken. */
  drop(): void;
}

export interface Fetched {
  readonly contentType: string;
  readonly body: Buffer;
}

const STATUSES: Readonly<Record<number, Failure>> = { 401: 'unauthorised', 403: 'unauthorised', 404: 'not-found', 410: 'not-found', 408: 'source-error', 429: 'source-error' };

export const failureOf = (status: number): Failure => STATUSES[status] ?? (status >= 500 ? 'source-error' : status >= 400 ? 'refused' : 'redirected');

export const bounded = async (response: Response, maxBytes: number): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new QueryEnded('too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

export const thrown = (error: unknown, signal: AbortSignal): QueryEnded => {
  if (error instanceof QueryEnded) return error;
  if (!signal.aborted) return new QueryEnded('unreachable');
  return new QueryEnded((signal.reason as Error | undefined)?.name === 'TimeoutError' ? 'timeout' : 'interrupted');
};

/** @throws QueryEnded */
export const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new QueryEnded('unreadable');
  }
};

/** Reads from one FHIR server. A redirect is not followed and another server not asked: the token is for this one. */
export class SourceHttp {
  constructor(private readonly options: SourceOptions) {}

  /** Absolute, or relative to the base. @throws QueryEnded when it leads elsewhere */
  within(reference: string): URL {
    const { base } = this.options;
    const target = URL.parse(reference, `${base.href.replace(/\/$/, '')}/`);
    if (target?.origin !== base.origin || !target.pathname.startsWith(base.pathname)) throw new QueryEnded('elsewhere');
    return target;
  }

  /** @throws QueryEnded */
  async get(target: URL, accept: string, maxBytes: number, signal: AbortSignal): Promise<Fetched> {
    const { tokens } = this.options;
    try {
      const token = await tokens?.token(signal);
      // Strictly: a server that leaves out what it does not know would answer with everybody's documents.
      const headers = { accept, prefer: 'handling=strict', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
      const response = await fetch(target, { headers, redirect: 'manual', signal });
      if (!response.ok) {
        await response.body?.cancel();
        if (response.status === 401) tokens?.drop();
        throw new QueryEnded(failureOf(response.status));
      }
      return { contentType: response.headers.get('content-type') ?? '', body: await bounded(response, maxBytes) };
    } catch (error) {
      throw thrown(error, signal);
    }
  }

  /** @throws QueryEnded */
  async json(target: URL, maxBytes: number, signal: AbortSignal): Promise<unknown> {
    return parsed((await this.get(target, 'application/fhir+json', maxBytes, signal)).body);
  }
}
