import { Controller, Get, Post, type Type } from '@nestjs/common';
import { toyIntake } from '@throughline/testing/toy-service';
import { Audited } from '../../src/audit/audited.js';
import { Allow, Open } from '../../src/auth/allow.js';
import { PERMISSIONS, POLICY, ROLES, type Permission } from '../../src/auth/policy.js';
import { standingService, type StandingService } from '../http/standing-service.js';

/** One route per permission, so that the whole table is asked over HTTP. */
class PolicyController {}
for (const permission of PERMISSIONS) {
  const name = permission.replace(':', '-');
  Object.defineProperty(PolicyController.prototype, name, { value: () => ({ ok: true }), configurable: true, writable: true });
  const descriptor = Object.getOwnPropertyDescriptor(PolicyController.prototype, name)!;
  for (const decorate of [Get(name), Allow(permission), Audited('policy', () => [])]) decorate(PolicyController.prototype, name, descriptor);
}
Controller('policy')(PolicyController);
class PolicyModule {}

const withControllers = (...controllers: Type[]) => ({ ...toyIntake, module: () => ({ module: PolicyModule, controllers }) });

describe('the policy over HTTP', () => {
  let service: StandingService;
  beforeAll(async () => {
    service = await standingService(withControllers(PolicyController));
  });
  afterAll(() => service.stop());
  const ask = (permission: Permission, roles?: readonly string[]) =>
    service.ask(`/api/intake/policy/${permission.replace(':', '-')}`, roles ? { as: { roles } } : {});

  it.each(PERMISSIONS)('%s: nobody without a token, and exactly the roles of the table', async (permission) => {
    const anonymous = await ask(permission);
    expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="throughline"']);
    const answers = await Promise.all(ROLES.map(async (role) => [role, (await ask(permission, [role])).status]));
    expect(answers).toEqual(ROLES.map((role) => [role, (POLICY[permission].roles as readonly string[]).includes(role) ? 200 : 403]));
    expect((await ask(permission, [])).status).toBe(403);
    expect((await ask(permission, ['ADMIN', 'root'])).status).toBe(403);
  });

  it('refuses every token that is not whole, ours, for us and of today', async () => {
    const path = '/api/intake/policy/task-read';
    const roles = ['admin'];
    for (const wish of [{ expiresIn: -60 }, { audience: 'elsewhere' }, { issuer: 'http://127.0.0.1:1' }, { forged: true }, { sub: '' }]) {
      const answer = await service.ask(path, { as: { roles, ...wish } });
      expect([wish, answer.status]).toEqual([wish, 401]);
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    const good = await service.issuer.token({ roles });
    const [header, payload] = good.split('.') as [string, string];
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const authorization of ['Basic abc', 'Bearer', 'Bearer a b', `Bearer ${header}.${payload}.`, `Bearer ${none}.${payload}.`, `Bearer ${good}x`, 'Bearer ...']) {
      expect([authorization.slice(0, 12), (await service.ask(path, { headers: { authorization } })).status]).toEqual([authorization.slice(0, 12), 401]);
    }
    expect((await service.ask(path, { headers: { authorization: `Bearer ${good}` } })).status).toBe(200);
  });

  it('follows a new key of the issuer, and does not ask for keys at every request', async () => {
    await service.issuer.rotate();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect((await ask('task:read', ['admin'])).status).toBe(200);
    const asked = service.issuer.keysAsked();
    for (let i = 0; i < 10; i++) await ask('task:read', ['admin']);
    expect(service.issuer.keysAsked()).toBe(asked);
  });
});

describe('the start', () => {
  class Bare {
    @Get('bare')
    bare(): void {}
  }
  class Unaudited {
    @Get('unaudited')
    @Allow('task:read')
    unaudited(): void {}
  }
  class Both {
    @Post('both')
    @Open()
    @Allow('ledger:read')
    both(): void {}
  }
  class Invented {
    @Get('invented')
    @Allow('task:invent' as Permission)
    invented(): void {}
  }
  for (const controller of [Bare, Unaudited, Both, Invented]) Controller('fenced')(controller);

  it.each([
    [Bare, 'Bare.bare has neither @Allow nor @Open'],
    [Unaudited, 'Unaudited.unaudited shows or changes patient data (task:read)'],
    [Both, 'Both.both has both @Open and @Allow'],
    [Invented, 'Invented.invented asks for task:invent, which is not in the policy'],
  ])('fails with %p', async (controller, message) => {
    await expect(standingService(withControllers(controller as Type))).rejects.toThrow(message);
  });
});

describe('while the issuer is away', () => {
  it('lets nobody in, says so with 503, and recovers by itself', async () => {
    const service = await standingService(withControllers(PolicyController));
    try {
      const token = await service.issuer.token({ roles: ['admin'] });
      const ask = () => service.ask('/api/intake/policy/task-read', { headers: { authorization: `Bearer ${token}` } });
      const { port } = new URL(service.issuer.url);
      await service.issuer.stop();
      expect((await ask()).status).toBe(503);
      const back = await (await import('@throughline/testing/test-issuer')).testIssuer(Number(port));
      try {
        let status = 503;
        while (status === 503) ({ status } = await service.ask('/api/intake/policy/task-read', { headers: { authorization: `Bearer ${await back.token({ roles: ['admin'] })}` } }));
        expect(status).toBe(200);
      } finally {
        await back.stop();
      }
    } finally {
      await service.stop();
    }
  });
});
