import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from './program.js';

/** What a person learns from one start with many things wrong: all of it, before anything runs. */
describe('settings that cannot be used', () => {
  const home = mkdtempSync(join(tmpdir(), 'throughline-settings-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const refusal = async (args: readonly string[], env: Record<string, string>): Promise<{ code: number | null; variables: readonly string[]; err: string; out: string }> => {
    const { code, err, out } = await new Program([...args, '--home', home], env).ended;
    const [, ...lines] = err.slice(err.indexOf('The configuration is not usable:')).trimEnd().split('\n');
    return { code, variables: lines.map((line) => line.trim().split(':')[0]!).sort(), err, out };
  };
  const WRONG = {
    THROUGHLINE_MLLP_IDLE_SECONDS: 'soon',
    THROUGHLINE_MLLP_TLS_KEY: join(import.meta.dirname, 'program.ts'),
    THROUGHLINE_PROTOCOLS: '/no/such/folder',
    THROUGHLINE_SMTP_URL: 'smtp://mail.example.org',
    THROUGHLINE_STREAM_MINUTES: '0',
    THROUGHLINE_SESSION_IDLE_MINUTES: 'never',
    THROUGHLINE_LOG_LEVEL: 'loud',
  };
  const COMPLAINTS = [
    'THROUGHLINE_LOG_LEVEL', 'THROUGHLINE_MLLP_IDLE_SECONDS', 'THROUGHLINE_MLLP_TLS_KEY', 'THROUGHLINE_SESSION_IDLE_MINUTES', 'THROUGHLINE_SMTP_FROM',
    'THROUGHLINE_STREAM_MINUTES', 'THROUGHLINE_TEAM_EMAIL', 'protocols and calendars', 'protocols and calendars',
  ];

  it.each(['start', 'stack'])('%s tells those of every service, and whose database it will not use, before a server runs', async (verb) => {
    const databases = { THROUGHLINE_CARE_PLAN_DATABASE_URL: 'postgres://u:pw-canary@production/db', THROUGHLINE_DATABASE_URL: 'postgres://u:pw-canary@production/db' };
    const { code, variables, err, out } = await refusal([verb, '--port', '0', '--mllp-port', '0'], { ...WRONG, ...databases });
    expect(variables).toEqual([...Object.keys(databases), ...COMPLAINTS].sort());
    expect(err).toContain('unset THROUGHLINE_CARE_PLAN_DATABASE_URL');
    expect(err + out).not.toContain('pw-canary');
    expect([code, existsSync(join(home, 'postgres'))]).toEqual([1, false]);
  });

  it('serve --all tells those of front too', async () => {
    const { code, variables } = await refusal(['serve', '--all'], { ...WRONG, THROUGHLINE_KAFKA_TLS: 'yes' });
    const own = ['INTAKE', 'CARE_PLAN', 'MEDICATION_RECONCILIATION', 'SCHEDULING', 'NOTIFICATION'].map((service) => `THROUGHLINE_${service}_DATABASE_URL`);
    const common = ['THROUGHLINE_FRONT_CLIENT_SECRET', 'THROUGHLINE_ISSUER', 'THROUGHLINE_KAFKA_BROKERS', 'THROUGHLINE_KAFKA_TLS', 'THROUGHLINE_NAMESPACE_SECRET', 'THROUGHLINE_REDIS_URL'];
    expect([code, variables]).toEqual([1, [...COMPLAINTS, ...own, ...common].sort()]);
  });

  it.each([
    ['intake', ['THROUGHLINE_INTAKE_DATABASE_URL', 'THROUGHLINE_ISSUER', 'THROUGHLINE_KAFKA_BROKERS', 'THROUGHLINE_LOG_LEVEL', 'THROUGHLINE_MLLP_IDLE_SECONDS', 'THROUGHLINE_MLLP_TLS_KEY', 'THROUGHLINE_NAMESPACE_SECRET', 'THROUGHLINE_REDIS_URL']],
    ['notification', ['THROUGHLINE_ISSUER', 'THROUGHLINE_KAFKA_BROKERS', 'THROUGHLINE_LOG_LEVEL', 'THROUGHLINE_NOTIFICATION_DATABASE_URL', 'THROUGHLINE_REDIS_URL', 'THROUGHLINE_SMTP_FROM', 'THROUGHLINE_STREAM_MINUTES', 'THROUGHLINE_TEAM_EMAIL']],
    ['front', [
      'THROUGHLINE_CARE_PLAN_URL', 'THROUGHLINE_FRONT_CLIENT_SECRET', 'THROUGHLINE_INTAKE_URL', 'THROUGHLINE_ISSUER', 'THROUGHLINE_LOG_LEVEL', 'THROUGHLINE_MEDICATION_RECONCILIATION_URL',
      'THROUGHLINE_NOTIFICATION_URL', 'THROUGHLINE_SCHEDULING_URL', 'THROUGHLINE_SESSION_IDLE_MINUTES',
    ]],
  ])('serve %s tells its own', async (role, expected) => {
    const { code, variables } = await refusal(['serve', role], WRONG);
    expect([code, variables]).toEqual([1, expected]);
  });

  it('migrate names the database of every service', async () => {
    const { code, err } = await new Program(['migrate']).ended;
    expect([code, err.match(/THROUGHLINE_\w+_DATABASE_URL: it is not set/g)?.length]).toEqual([1, 5]);
  });
});
