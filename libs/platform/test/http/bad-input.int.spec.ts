import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { toyIntake } from '@throughline/testing/toy-service';
import { standingService, type StandingService } from './standing-service.js';

let service: StandingService;
beforeAll(async () => {
  service = await standingService(toyIntake, { limits: { requestMs: 700, headersMs: 500 } });
});
afterAll(() => service.stop());

const nurse = { sub: 'nadia', roles: ['nurse'] };
const send = (body: string | Buffer, headers: Record<string, string> = {}) =>
  service.ask('/api/intake/people', { as: nurse, method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

interface ProblemBody {
  type: string;
  status: number;
  detail: string;
  correlationId: string;
  errors?: { field: string; detail: string }[];
}
const problem = async (response: Response): Promise<ProblemBody> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const body = (await response.json()) as ProblemBody;
  expect(body.status).toBe(response.status);
  return body;
};

describe('bad input is refused with problem details', () => {
  it('names every field and does not say the values back', async () => {
    const body = await problem(await send('{"id":"SECRETVALUE","famly":"SECRETVALUE"}'));
    expect(body.status).toBe(400);
    expect(body.errors?.map((error) => error.field).sort()).toEqual(['family', 'famly', 'id']);
    expect(JSON.stringify(body)).not.toContain('SECRETVALUE');
  });

  it.each([
    ['{"id": "x",\n  "family" "Hill"}', 'line 2, column 12'],
    ['{"id": }', 'line 1, column 8'],
    ['[1, 2', 'line 1, column 6'],
    ['{"a": "b"} extra', 'line 1, column 12'],
    ['nonsense', 'line 1, column 1'],
    ['{"a": "bad \\x escape"}', 'line 1, column 7'],
  ])('names the place where %j stops being JSON', async (text, place) => {
    const body = await problem(await send(text));
    expect([body.type, body.status]).toEqual(['urn:throughline:problem:malformed-json', 400]);
    expect(body.detail).toContain(place);
  });

  it.each([
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400],
    ['a million brackets', '['.repeat(1_000_000), 400],
    ['a poisoned prototype', '{"__proto__": {"roles": ["admin"]}}', 400],
    ['a NUL character', `{"id":"${randomUUID()}","family":"a\\u0000b"}`, 400],
    ['half a surrogate pair', `{"id":"${randomUUID()}","family":"\\ud800"}`, 400],
    ['a list for an object', '[]', 400],
    ['a number for an object', '7', 400],
    ['null', 'null', 400],
    ['nothing', '', 400],
    ['more than a megabyte', `{"family":"${'x'.repeat(1024 * 1024)}"}`, 413],
  ])('%s', async (_what, body, status) => {
    expect((await problem(await send(body as string))).status).toBe(status);
  });

  it('takes only JSON', async () => {
    expect((await problem(await send('a=b', { 'content-type': 'application/x-www-form-urlencoded' }))).status).toBe(415);
    expect((await problem(await send('<a/>', { 'content-type': 'text/xml' }))).status).toBe(415);
  });

  it.each([
    ['/api/intake/people?limit=0', 400],
    ['/api/intake/people?limit=201', 400],
    ['/api/intake/people?limit=ten', 400],
    ['/api/intake/people?cursor=zzz', 400],
    [`/api/intake/people?cursor=${Buffer.from('["x"]').toString('base64url')}`, 400],
    ['/api/intake/people?surprise=1', 400],
    ['/api/intake/people?cursor=%00', 400],
    ['/api/intake/people/not-a-uuid', 400],
    ['/api/intake/people/%zz', 400],
    [`/api/intake/people/${randomUUID()}`, 404],
    ['/api/intake/nothing-here', 404],
    ['/nothing-here', 404],
  ])('%s -> %i', async (path, status) => {
    expect((await problem(await service.ask(path, { as: nurse }))).status).toBe(status);
  });

  it('answers the unexpected without details, under a correlation id that is in the log', async () => {
    await service.dataSource.query('alter table toy_person rename to toy_person_away');
    try {
      const body = await problem(await service.ask('/api/intake/people', { as: nurse }));
      expect(body.status).toBe(500);
      expect(JSON.stringify(body)).not.toContain('toy_person');
      expect(service.lines.some((line) => line.includes(body.correlationId) && line.includes('request failed'))).toBe(true);
    } finally {
      await service.dataSource.query('alter table toy_person_away rename to toy_person');
    }
  });

  it('cuts off who sends a body too slowly, and goes on serving', async () => {
    const token = await service.issuer.token(nurse);
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.write(`POST /api/intake/people HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(heard).toContain('408');
    expect((await service.ask('/livez')).status).toBe(200);
  });
});

describe('every answer', () => {
  it('is not to be stored, sniffed or framed, and carries the correlation id', async () => {
    const { headers } = await service.ask('/api/intake/people', { as: nurse, headers: { 'x-correlation-id': 'my-request-42' } });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-correlation-id')).toBe('my-request-42');
    expect((await service.ask('/livez', { headers: { 'x-correlation-id': 'no spaces!' } })).headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is logged by its route, never its address or body', async () => {
    await service.ask('/api/intake/people?limit=3', { as: nurse, headers: { 'x-correlation-id': 'log-test-77' } });
    const line = service.lines.find((text) => text.includes('log-test-77'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ msg: 'request', method: 'GET', route: '/api/intake/people', status: 200, actor: 'nadia' });
    expect(await (await service.ask('/metrics')).text()).toMatch(/throughline_http_request_seconds_count\{service="intake",method="GET",route="\/api\/intake\/people",status="200"\} \d/);
  });

  it('is described: the document holds every route, its permission and its problems', async () => {
    const document = (await (await service.ask('/api/intake/openapi.json')).json()) as { paths: Record<string, Record<string, { 'x-permission'?: string; parameters: { name: string }[]; responses: object }>> };
    expect(Object.keys(document.paths).sort()).toEqual(expect.arrayContaining(['/api/intake/audit', '/api/intake/ledger', '/api/intake/people', '/api/intake/people/{id}', '/api/intake/people/{id}/rename']));
    const rename = document.paths['/api/intake/people/{id}/rename']!['post']!;
    expect(rename['x-permission']).toBe('task:change');
    expect(rename.parameters.map((parameter) => parameter.name)).toEqual(expect.arrayContaining(['id', 'Idempotency-Key', 'If-Match']));
    expect(Object.keys(rename.responses)).toEqual(expect.arrayContaining(['200', '400', '401', '403', '409', '412', '422', '428']));
  });
});
