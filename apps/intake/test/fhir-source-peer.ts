import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importJWK, jwtVerify, type JWK } from 'jose';

export type Resource = { readonly resourceType: string; readonly id: string } & Readonly<Record<string, unknown>>;

/**
 * What the peer does with the next searches.
 * - `answer`: as a FHIR server does
 * - `status`: answers this, with an OperationOutcome that quotes what it was asked, as some servers do
 * - `hang`: never answers
 * - `body`: answers this text, as FHIR JSON
 * - `location`: sends elsewhere
 */
export type Behaviour = 'answer' | 'hang' | { readonly status: number } | { readonly body: string } | { readonly location: string };

const coded = (of: unknown): string[] => ((of as { coding?: { system: string; code: string }[] } | undefined)?.coding ?? []).map(({ system, code }) => `${system}|${code}`);
const identified = (of: unknown): string[] => ((of as { system: string; value: string }[] | undefined) ?? []).map(({ system, value }) => `${system}|${value}`);

/** A small FHIR R4 server that keeps what a hospital's would: patients, encounters, documents, and their texts. */
export class FhirSourcePeer {
  /** Every request: path and query, decoded. */
  readonly asked: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  readonly resources = new Map<string, Resource>();
  readonly texts = new Map<string, { readonly contentType: string; readonly text: string }>();
  behaviour: Behaviour = 'answer';
  /** Set: only who shows a token of SMART Backend Services is answered. */
  smart: { readonly clientId: string; readonly publicKey: JWK; readonly now: () => Date } | undefined;
  /** Tokens given, the last one holds. */
  tokens = 0;
  readonly #assertions = new Set<string>();
  readonly #server = createServer((request, response) => this.#answer(request, response));

  static async start(): Promise<FhirSourcePeer> {
    const peer = new FhirSourcePeer();
    await new Promise<void>((resolve) => peer.#server.listen(0, '127.0.0.1', resolve));
    return peer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/fhir`;
  }

  get searches(): number {
    return this.asked.filter((one) => one.startsWith('/fhir/DocumentReference?')).length;
  }

  keep(...resources: readonly Resource[]): void {
    for (const one of resources) this.resources.set(`${one.resourceType}/${one.id}`, one);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, this.url);
    this.asked.push(decodeURIComponent(url.pathname + url.search));
    this.headers.push(request.headers);
    const { behaviour } = this;
    if (behaviour === 'hang') return;
    const say = (status: number, body: unknown, contentType = 'application/fhir+json'): void =>
      void response.writeHead(status, { 'content-type': contentType }).end(typeof body === 'string' ? body : JSON.stringify(body));
    const outcome = (status: number): void => say(status, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'processing', diagnostics: `not for ${url.search}` }] });
    if (behaviour !== 'answer' && 'status' in behaviour) return outcome(behaviour.status);
    if (behaviour !== 'answer' && 'body' in behaviour) return say(200, behaviour.body);
    if (behaviour !== 'answer') return void response.writeHead(302, { location: behaviour.location }).end();
    const path = url.pathname.replace('/fhir/', '');
    if (this.smart && path === '.well-known/smart-configuration') return say(200, { token_endpoint: this.url.replace('/fhir', '/token'), capabilities: ['permission-v2'] }, 'application/json');
    if (this.smart && path === '/token') return void this.#token(request).then((answer) => say(200, answer, 'application/json'), () => say(400, { error: 'invalid_client' }, 'application/json'));
    if (this.smart && request.headers.authorization !== `Bearer access-${this.tokens}`) return outcome(401);
    if (path === 'DocumentReference') return say(200, this.#search(url.searchParams));
    const text = this.texts.get(path);
    if (text && request.headers.accept?.startsWith('application/fhir+json')) return say(200, { resourceType: 'Binary', contentType: text.contentType, data: Buffer.from(text.text).toString('base64') });
    if (text) return say(200, text.text, text.contentType);
    const found = this.resources.get(path);
    return found ? say(200, found) : outcome(404);
  }

  async #token(request: IncomingMessage): Promise<object> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const form = new URLSearchParams(body);
    const { clientId, publicKey, now } = this.smart!;
    const { payload } = await jwtVerify(form.get('client_assertion')!, await importJWK(publicKey, 'ES384'), {
      algorithms: ['ES384'], issuer: clientId, subject: clientId, audience: this.url.replace('/fhir', '/token'), currentDate: now(), maxTokenAge: 300, requiredClaims: ['exp', 'jti'],
    });
    if (this.#assertions.has(payload.jti!) || form.get('grant_type') !== 'client_credentials' || !form.get('scope')!.includes('system/DocumentReference.rs')) throw new Error('not taken');
    this.#assertions.add(payload.jti!);
    this.tokens += 1;
    return { access_token: `access-${this.tokens}`, token_type: 'bearer', expires_in: 300, scope: form.get('scope') };
  }

  /** Pages of one, so that whoever reads the first alone finds the newest alone. */
  #search(params: URLSearchParams): object {
    const list = (name: string): string[] => (params.get(name) ?? '').split(',');
    const matches = [...this.resources.values()].filter((one) => {
      const subject = (one['subject'] as { reference?: string } | undefined)?.reference ?? '';
      const numbers = identified(this.resources.get(subject)?.['identifier']);
      return one.resourceType === 'DocumentReference' && one['status'] === params.get('status') && list('type').some((type) => coded(one['type']).includes(type)) && list('patient.identifier').some((number) => numbers.includes(number));
    });
    const page = Number(params.get('page') ?? 0);
    const next = new URLSearchParams(params);
    next.set('page', String(page + 1));
    return {
      resourceType: 'Bundle', type: 'searchset', total: matches.length,
      link: [{ relation: 'self', url: `${this.url}/DocumentReference?${params}` }, ...(page + 1 < matches.length ? [{ relation: 'next', url: `${this.url}/DocumentReference?${next}` }] : [])],
      entry: matches.slice(page, page + 1).map((resource) => ({ fullUrl: `${this.url}/DocumentReference/${resource.id}`, resource, search: { mode: 'match' } })),
    };
  }
}
