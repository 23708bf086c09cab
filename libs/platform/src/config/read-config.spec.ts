import { inspect } from 'node:util';
import * as z from 'zod';
import { ConfigError, readConfig, readTogether, secret, setting } from './read-config.js';
import { platformConfig } from './read-platform-config.js';
import { flag, port, timeZone } from './value-kinds.js';

const problemsOf = (read: () => unknown): ConfigError['problems'] => {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

const settings = {
  port: setting(['OWN_PORT', 'COMMON_PORT'], port.default(2575), 'Set it to a port.'),
  zone: setting('ZONE', timeZone, 'Set it to an IANA zone.'),
  on: setting('ON', flag.default(false), 'Set it to true or false.'),
  key: secret('KEY', z.string().min(8), 'Set it to a random key.'),
};

describe('readConfig', () => {
  it('reads typed values, its own name before the common one, and freezes them', () => {
    const config = readConfig(settings, { OWN_PORT: '1', COMMON_PORT: '2', ZONE: 'Europe/Paris', ON: 'true', KEY: 'long enough' });
    expect({ ...config }).toEqual({ port: 1, zone: 'Europe/Paris', on: true, key: 'long enough' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig(settings, { OWN_PORT: ' ', ZONE: 'UTC', KEY: '12345678' }).port).toBe(2575);
  });

  it('lists every problem with variable, fault and remedy, and no secret', () => {
    const read = () => readConfig(settings, { COMMON_PORT: '65536', ZONE: 'Mars', ON: 'yes', KEY: 'hunter2' });
    expect(problemsOf(read).map((p) => [p.variable, p.remedy])).toEqual([
      ['COMMON_PORT', 'Set it to a port.'],
      ['ZONE', 'Set it to an IANA zone.'],
      ['ON', 'Set it to true or false.'],
      ['KEY', 'Set it to a random key.'],
    ]);
    expect(read).toThrow(/65536/);
    expect(read).not.toThrow(/hunter2/);
  });

  it('checks what fits together at once with single values, and leaves out what a wrong value makes unknowable', () => {
    const complaint = (variable: string) => ({ variable, wrong: 'it does not fit', remedy: 'Change it.' });
    const read = (env: Record<string, string>) => () =>
      readConfig(settings, { ZONE: 'UTC', KEY: '12345678', ...env }, (config) => (config.on ? [complaint('ON')] : []), (config) => (config.port < 10 ? [complaint('OWN_PORT')] : []));
    const variables = (env: Record<string, string>) => problemsOf(read(env)).map((p) => p.variable);
    expect(variables({ ZONE: 'Mars', ON: 'true', OWN_PORT: '1' })).toEqual(['ZONE', 'ON', 'OWN_PORT']);
    expect(variables({ ON: 'true', OWN_PORT: 'x' })).toEqual(['OWN_PORT', 'ON']);
    expect(read({ OWN_PORT: '10' })()).toMatchObject({ port: 10 });
    expect(() => readConfig(settings, { ZONE: 'Mars', KEY: '12345678' }, () => { throw new Error('a defect'); })).toThrow('a defect');
  });

  it('never prints a secret', () => {
    const config = readConfig(settings, { ZONE: 'UTC', KEY: 'do-not-print' });
    expect(inspect({ config }) + JSON.stringify({ config })).not.toContain('do-not-print');
    expect(config.key).toBe('do-not-print');
  });
});

describe('several configs of one start', () => {
  const one = (env: Record<string, string>) => () => readConfig({ port: settings.port, zone: settings.zone }, env);
  const other = (env: Record<string, string>) => () => readConfig({ zone: settings.zone, key: settings.key }, env);

  it('tell all their problems at once, and a common one once', () => {
    const env = { OWN_PORT: 'x', ZONE: 'Mars' };
    expect(problemsOf(() => readTogether(one(env), other(env))).map((p) => p.variable)).toEqual(['OWN_PORT', 'ZONE', 'KEY']);
  });

  it('are read in their order when nothing is wrong; a defect is no problem of the environment', () => {
    const env = { ZONE: 'UTC', KEY: '12345678' };
    const [first, second] = readTogether(one(env), other(env));
    expect([first.port, second.key]).toEqual([2575, '12345678']);
    expect(() => readTogether(one({}), () => { throw new Error('a defect'); })).toThrow('a defect');
  });
});

describe('platformConfig', () => {
  const base = { THROUGHLINE_DATABASE_URL: 'postgres://u:pw-canary@h/db', THROUGHLINE_ISSUER: 'http://127.0.0.1:1' };
  const kafka = { ...base, THROUGHLINE_KAFKA_BROKERS: 'a:9092, b:9092', THROUGHLINE_REDIS_URL: 'redis://r:6379/1' };

  it('is embedded by one word', () => {
    const config = platformConfig('care-plan', { ...base, THROUGHLINE_MODE: 'embedded' });
    expect(config).toMatchObject({ mode: 'embedded', bus: { kind: 'embedded' }, jobs: { kind: 'postgres' }, http: { host: '127.0.0.1', port: 0 } });
  });

  it('reads the service own variables before the common ones', () => {
    const env = { ...kafka, THROUGHLINE_CARE_PLAN_HTTP_PORT: '43001', THROUGHLINE_HTTP_PORT: '1', THROUGHLINE_CARE_PLAN_DATABASE_URL: 'postgres://own/db' };
    const config = platformConfig('care-plan', env);
    expect(config.http.port).toBe(43001);
    expect(config.databaseUrl).toBe('postgres://own/db');
    expect(config.bus).toEqual({ kind: 'kafka', brokers: ['a:9092', 'b:9092'], tls: false });
    expect(config.jobs).toEqual({ kind: 'redis', url: 'redis://r:6379/1' });
  });

  it('takes SASL whole or not at all', () => {
    const one = problemsOf(() => platformConfig('intake', { ...kafka, THROUGHLINE_KAFKA_SASL_USERNAME: 'u' }));
    expect(one.map((p) => p.variable)).toEqual(['THROUGHLINE_KAFKA_SASL_MECHANISM', 'THROUGHLINE_KAFKA_SASL_PASSWORD']);
    const all = { THROUGHLINE_KAFKA_TLS: 'true', THROUGHLINE_KAFKA_SASL_MECHANISM: 'scram-sha-512', THROUGHLINE_KAFKA_SASL_USERNAME: 'u', THROUGHLINE_KAFKA_SASL_PASSWORD: 'pw-canary' };
    const config = platformConfig('intake', { ...kafka, ...all });
    expect(config.bus).toMatchObject({ tls: true, sasl: { mechanism: 'scram-sha-512', password: 'pw-canary' } });
    expect(inspect(config) + JSON.stringify(config)).not.toContain('pw-canary');
  });

  it.each([
    [{ THROUGHLINE_MODE: 'distributed', THROUGHLINE_BUS: 'embedded', THROUGHLINE_JOBS: 'postgres' }, ['THROUGHLINE_BUS']],
    [{ THROUGHLINE_BUS: 'kafka', THROUGHLINE_HTTP_PORT: '-1', THROUGHLINE_KAFKA_SASL_USERNAME: 'u' }, ['THROUGHLINE_HTTP_PORT', 'THROUGHLINE_KAFKA_BROKERS', 'THROUGHLINE_REDIS_URL', 'THROUGHLINE_KAFKA_SASL_MECHANISM', 'THROUGHLINE_KAFKA_SASL_PASSWORD']],
    [{ THROUGHLINE_BUS: 'loud' }, ['THROUGHLINE_BUS']],
    [{ THROUGHLINE_BUS: 'kafka' }, ['THROUGHLINE_KAFKA_BROKERS', 'THROUGHLINE_REDIS_URL']],
    [{ THROUGHLINE_MODE: 'embedded', THROUGHLINE_JOBS: 'redis' }, ['THROUGHLINE_REDIS_URL']],
    [{ THROUGHLINE_MODE: 'embedded', THROUGHLINE_LOG_LEVEL: 'loud', THROUGHLINE_HTTP_PORT: '-1' }, ['THROUGHLINE_HTTP_PORT', 'THROUGHLINE_LOG_LEVEL']],
  ])('a combination that cannot run stops the start: %j', (env, variables) => {
    expect(problemsOf(() => platformConfig('intake', { ...base, ...env })).map((p) => p.variable)).toEqual(variables);
  });

  it('names what is missing from an empty environment', () => {
    const variables = problemsOf(() => platformConfig('intake', {})).map((p) => p.variable);
    expect(variables).toEqual(['THROUGHLINE_INTAKE_DATABASE_URL', 'THROUGHLINE_ISSUER', 'THROUGHLINE_KAFKA_BROKERS', 'THROUGHLINE_REDIS_URL']);
  });
});
