import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import pino from 'pino';
import { freePorts } from '@throughline/local-servers/ports';
import { startFront, type RunningFront } from '../src/front/front.js';
import { startIssuer, FRONT_CLIENT, type RunningIssuer } from '../src/issuer/issuer.js';
import { issuerKeys, signDemoToken, type IssuerKeys } from '../src/issuer/issuer-keys.js';
import { Browser } from './browser.js';

const seen: { method?: string; url?: string; authorization?: string; cookie?: string; body: string }[] = [];
let held: ServerResponse | undefined;

const service = (request: IncomingMessage, response: ServerResponse): void => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    seen.push({ method: request.method, url: request.url, authorization: request.headers.authorization, cookie: request.headers.cookie, body });
    if (request.url?.startsWith('/api/notification/stream')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\ndata: one\n\n');
      held = response;
      return;
    }
    if (request.url === '/readyz') return void response.writeHead(ready ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ reasons: ready ? [] : ['no bus'] }));
    response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'evil=1' }).end(JSON.stringify({ ok: true }));
  });
};

let ready = true;
let home: string;
let upstream: Server;
let upstreamUrl: string;
let issuer: RunningIssuer;
let front: RunningFront;
let keys: IssuerKeys;
let frontPort: number;

const front0 = async (more: { idleMs?: number } = {}): Promise<RunningFront> =>
  startFront({
    host: '127.0.0.1',
    port: frontPort,
    upstreams: { notification: [upstreamUrl], 'care-plan': [upstreamUrl], intake: ['http://127.0.0.1:1', upstreamUrl], scheduling: ['http://127.0.0.1:1'] },
    issuer: { url: issuer.url, clientId: FRONT_CLIENT, clientSecret: keys.frontSecret },
    consoleFolder: join(home, 'no-console'),
    asyncApiFile: join(home, 'none.json'),
    idleMs: 60_000,
    absoluteMs: 600_000,
    logger: pino({ level: 'silent' }),
    ...more,
  });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'front-'));
  keys = await issuerKeys(home);
  const [first, issuerPort] = await freePorts(2);
  frontPort = first!;
  upstream = createServer(service);
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
  upstreamUrl = `http://127.0.0.1:${(upstream.address() as { port: number }).port}`;
  issuer = await startIssuer({ host: '127.0.0.1', port: issuerPort!, audience: 'throughline', frontUrl: `http://127.0.0.1:${frontPort}`, keys });
  front = await front0();
});

afterAll(async () => {
  held?.destroy();
  await front.stop();
  await issuer.stop();
  upstream.closeAllConnections();
  await new Promise((done) => upstream.close(done));
  rmSync(home, { recursive: true });
});

const signIn = async (user = 'nina.nurse', password = 'throughline-demo', way = '/signin?return=%2Fpatients%2F1'): Promise<{ browser: Browser; page: string; status: number; url: string }> => {
  const browser = new Browser();
  const form = await browser.visit(`${front.url}${way}`);
  const action = /action="([^"]+)"/.exec(form.body)?.[1];
  const end = await browser.visit(new URL(action!, form.url).href, { user, password });
  return { browser, page: end.body, status: end.status, url: end.url };
};

const tokenOf = (at: number): string => seen.at(at)?.authorization?.replace('Bearer ', '') ?? '';
const verified = async (token: string) => (await jwtVerify(token, createRemoteJWKSet(new URL(`${issuer.url}/jwks`)), { issuer: issuer.url, audience: 'throughline' })).payload;

describe('signing in', () => {
  it('keeps the token behind front: the browser gets a Strict, HttpOnly cookie and is led on', async () => {
    const { browser, page, status, url } = await signIn();
    expect(status).toBe(200);
    expect(url).toContain(`${front.url}/signin/callback`);
    expect(page).toContain('content="0;url=/patients/1"');
    const cookie = browser.setCookies.find((line) => line.startsWith(`throughline_${frontPort}=`));
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    const session = await browser.visit(`${front.url}/session`);
    expect(JSON.parse(session.body)).toEqual({ user: { sub: 'nina.nurse', name: 'Nina Nurse' }, roles: ['nurse'], csrfToken: expect.any(String) });
    expect(session.body + page).not.toContain('eyJ');
  });

  it('passes calls on with an RS256 access token for the audience, and never the cookie', async () => {
    const { browser } = await signIn();
    const answer = await browser.visit(`${front.url}/api/care-plan/tasks?status=open`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(seen.at(-1)).toMatchObject({ method: 'GET', url: '/api/care-plan/tasks?status=open', cookie: undefined });
    expect(await verified(tokenOf(-1))).toMatchObject({ sub: 'nina.nurse', name: 'Nina Nurse', roles: ['nurse'], aud: 'throughline' });
  });

  it('asks for the CSRF token on changes and hands the body over untouched', async () => {
    const { browser } = await signIn();
    const { csrfToken } = JSON.parse((await browser.visit(`${front.url}/session`)).body) as { csrfToken: string };
    const change = (headers: Record<string, string>) => browser.send('POST', `${front.url}/api/care-plan/tasks/1/claim`, '{"a": 1}', { 'content-type': 'application/json', ...headers });
    expect((await change({})).status).toBe(403);
    expect((await change({ 'x-csrf-token': 'x' })).status).toBe(403);
    expect((await change({ 'x-csrf-token': csrfToken })).status).toBe(200);
    expect(seen.at(-1)).toMatchObject({ method: 'POST', body: '{"a": 1}' });
  });

  it('refuses a wrong password in words, and an answer to a sign-in that this browser did not begin', async () => {
    const wrong = await signIn('nina.nurse', 'guess');
    expect(wrong.status).toBe(401);
    expect(wrong.page).toContain('The password is wrong');
    expect((await new Browser().visit(`${front.url}/signin/callback?code=x&state=y`)).status).toBe(400);
  });

  it('leads only to its own paths afterwards', async () => {
    const { page } = await signIn('nina.nurse', 'throughline-demo', '/signin?return=%2F%2Fevil.example%2F');
    expect(page).toContain('content="0;url=/"');
  });

  it('signs out here and at the issuer, so that the next one is asked who they are', async () => {
    const { browser } = await signIn();
    const { csrfToken } = JSON.parse((await browser.visit(`${front.url}/session`)).body) as { csrfToken: string };
    const out = await browser.visit(`${front.url}/signout`, { csrfToken });
    const form = /action="([^"]+)"[^>]*>.*?name="xsrf" value="([^"]+)"/s.exec(out.body);
    const end = await browser.visit(form![1]!, { xsrf: form![2]!, logout: 'yes' });
    expect(end.url).toBe(`${front.url}/signed-out`);
    expect((await browser.visit(`${front.url}/session`)).status).toBe(401);
    expect((await browser.visit(`${front.url}/signin`)).body).toContain('DEMO SIGN-IN');
  });
});

describe('the door for machines', () => {
  it("passes the caller's own bearer token and answers anonymous calls with the service's own words", async () => {
    const token = await signDemoToken(home, { url: issuer.url, audience: 'throughline' }, 'operator');
    const browser = new Browser();
    await browser.send('GET', `${front.url}/api/care-plan/ledger`, undefined, { authorization: `Bearer ${token}` });
    expect(await verified(tokenOf(-1))).toMatchObject({ sub: 'olga.operator', roles: ['operator'] });
    await browser.send('GET', `${front.url}/api/care-plan/ledger`);
    expect(seen.at(-1)?.authorization).toBeUndefined();
  });

  it('gives machines tokens for client credentials', async () => {
    const id = 'demo-sender';
    const answer = await fetch(`${issuer.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${keys.machines[id]}`).toString('base64')}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    const { access_token } = (await answer.json()) as { access_token: string };
    expect(await verified(access_token)).toMatchObject({ sub: 'demo-sender', roles: ['sender'] });
  });

  it('passes a stream on as it comes and lets go of it when the caller leaves', async () => {
    const abort = new AbortController();
    const answer = await fetch(`${front.url}/api/notification/stream`, { signal: abort.signal });
    const reader = answer.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('id: 1\ndata: one\n\n');
    held!.write('id: 2\ndata: two\n\n');
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('id: 2\ndata: two\n\n');
    const gone = new Promise<void>((done) => held!.on('close', () => done()));
    abort.abort();
    await gone;
  });

  it('refuses a body that is too large in words, however it is sent', async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(Buffer.alloc(64 * 1024)),
    });
    const answer = await fetch(`${front.url}/api/care-plan/tasks`, { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([413, 'application/problem+json']);
  });

  it('passes FHIR on to intake, and tells its own refusals as FHIR does', async () => {
    const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'collection', note: 'x'.repeat(2 * 1024 * 1024) });
    const answer = await fetch(`${front.url}/fhir/$process-message`, { method: 'POST', body: bundle, headers: { authorization: 'Bearer own', 'content-type': 'application/fhir+json' } });
    expect([answer.status, seen.at(-1)]).toEqual([200, { method: 'POST', url: '/fhir/$process-message', authorization: 'Bearer own', cookie: undefined, body: bundle }]);
    expect((await fetch(`${front.url}/fhir`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status).toBe(200);
    expect(seen.at(-1)).toMatchObject({ url: '/fhir', authorization: undefined });
    const tooLarge = await fetch(`${front.url}/fhir/Binary`, { method: 'POST', body: Buffer.alloc(16 * 1024 * 1024 + 1), headers: { 'content-type': 'application/fhir+json' } });
    expect([tooLarge.status, tooLarge.headers.get('content-type')]).toEqual([413, 'application/fhir+json; charset=utf-8']);
    expect(await tooLarge.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'too-long' }] });
  });

  it('says which service cannot be reached, and what is not there', async () => {
    const browser = new Browser();
    expect((await browser.visit(`${front.url}/api/scheduling/follow-ups`)).status).toBe(502);
    expect((await browser.visit(`${front.url}/api/nothing/x`)).status).toBe(404);
    expect((await browser.visit(`${front.url}/api/__proto__/x`)).status).toBe(404);
    expect((await browser.visit(`${front.url}/livez`)).status).toBe(200);
    ready = false;
    const condition = await browser.visit(`${front.url}/readyz`);
    ready = true;
    expect(condition.status).toBe(503);
    expect((JSON.parse(condition.body) as { reasons: string[] }).reasons).toEqual(['notification: no bus', 'care-plan: no bus', 'intake (copy 1 of 2): cannot be reached', 'intake (copy 2 of 2): no bus', 'scheduling: cannot be reached']);
    expect((await browser.visit(`${front.url}/metrics`)).body).toContain('throughline_front_requests_total');
  });

  it('counts a service with one copy that is ready as ready, and names the copy that is not', async () => {
    const { reasons, degraded } = (await (await fetch(`${front.url}/readyz`)).json()) as { reasons: string[]; degraded: string[] };
    expect([reasons, degraded]).toEqual([['scheduling: cannot be reached'], ['intake (copy 1 of 2): cannot be reached']]);
    expect((await fetch(`${front.url}/metrics/intake?copy=2`)).status).toBe(200);
    expect((await fetch(`${front.url}/metrics/intake?copy=3`)).status).toBe(404);
  });

  it('gives a request whose copy cannot be reached to another, whole', async () => {
    for (const text of ['one', 'two', 'three']) {
      const answer = await fetch(`${front.url}/api/intake/messages`, { method: 'POST', body: text, headers: { authorization: 'Bearer own' } });
      expect(answer.status).toBe(200);
      expect(seen.at(-1)).toMatchObject({ method: 'POST', url: '/api/intake/messages', body: text });
    }
  });
});

describe('sessions', () => {
  it('get a new access token before the old one ends, one refresh for all who wait', async () => {
    // Shorter than the margin that front keeps, so that every call needs a new one.
    await issuer.stop();
    issuer = await startIssuer({ host: '127.0.0.1', port: Number(new URL(issuer.url).port), audience: 'throughline', frontUrl: front.url, keys, accessTokenSeconds: 40 });
    const { browser } = await signIn();
    const before = seen.length;
    const answers = await Promise.all(['a', 'b', 'c'].map((task) => browser.visit(`${front.url}/api/care-plan/tasks/${task}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await browser.visit(`${front.url}/api/care-plan/tasks/d`);
    const tokens = seen.slice(before).map(({ authorization }) => authorization);
    expect(new Set(tokens.slice(0, 3)).size).toBe(1);
    expect(tokens[3]).not.toBe(tokens[0]);
    expect(await verified(tokenOf(-1))).toMatchObject({ sub: 'nina.nurse', roles: ['nurse'] });
  });

  it('end when nobody did anything, streams included', async () => {
    await front.stop();
    front = await front0({ idleMs: 300 });
    const { browser } = await signIn();
    const stream = await browser.open(`${front.url}/api/notification/stream`);
    const reader = stream.body!.getReader();
    await reader.read();
    let status = 200;
    while (status === 200) {
      await new Promise((done) => setTimeout(done, 50));
      status = (await browser.visit(`${front.url}/session`)).status;
    }
    expect(status).toBe(401);
    await expect(reader.read().then(({ done }) => (done ? Promise.reject(new Error('ended')) : 'open'))).rejects.toThrow();
  });
});
