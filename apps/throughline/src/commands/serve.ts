import { SERVICES, type Service } from '@throughline/contracts/define-event';
import type { Bus } from '@throughline/platform/bus/bus';
import { type Command } from 'commander';
import { Complaint, repositoryRoot } from '../home/home.js';
import { isService } from '../services.js';
import { Started, stopSignal } from '../parts/started.js';
import { homeFrom, withHome } from './home-option.js';

type Env = NodeJS.ProcessEnv;

/** The demo issuer alone. Beyond loopback only when asked for by name: its users and their password are public. */
const serveIssuer = async (env: Env, home: string, started: Started): Promise<string> => {
  const [{ startIssuer }, { issuerKeys }] = await Promise.all([import('../issuer/issuer.js'), import('../issuer/issuer-keys.js')]);
  const host = env['THROUGHLINE_ISSUER_HTTP_HOST'] ?? '127.0.0.1';
  if (!/^(127\.|::1$|localhost$)/.test(host) && env['THROUGHLINE_DEMO_ISSUER'] !== '1') {
    throw new Complaint(`The demo issuer listens on loopback only, not on ${host}: its users are public. In a container of its own, say THROUGHLINE_DEMO_ISSUER=1.`);
  }
  const keys = await issuerKeys(home);
  const secret = env['THROUGHLINE_FRONT_CLIENT_SECRET'];
  const issuer = await startIssuer({
    host,
    port: Number(env['THROUGHLINE_ISSUER_HTTP_PORT'] ?? 7410),
    publicUrl: env['THROUGHLINE_ISSUER'],
    audience: env['THROUGHLINE_AUDIENCE'] ?? 'throughline',
    frontUrl: env['THROUGHLINE_PUBLIC_URL'] ?? 'http://127.0.0.1:7400',
    keys: secret ? { ...keys, frontSecret: secret } : keys,
  });
  started.add('issuer', () => issuer.stop());
  return issuer.url;
};

const serveFront = async (env: Env, started: Started): Promise<string> => {
  const [{ startFront }, { frontOptions, readFrontConfig }, { createLogger }] = await Promise.all([import('../front/front.js'), import('../front/front-config.js'), import('@throughline/platform/telemetry/logger')]);
  const config = readFrontConfig(env);
  const front = await startFront(frontOptions(config, createLogger({ service: 'front', level: config.logLevel })));
  started.add('front', () => front.stop());
  return front.url;
};

const serveService = async (service: Service, env: Env, started: Started, bus?: Bus): Promise<string> => {
  const { bootOne } = await import('../parts/one-service.js');
  const running = await bootOne(service, { env, ...(bus ? { bus } : {}) });
  started.add(service, () => running.stop());
  return running.url;
};

/** The embedded bus is one object for the whole process; over Kafka each service has its own connections. */
const sharedBus = async (env: Env, started: Started): Promise<Bus | undefined> => {
  const [{ platformConfig }, { EmbeddedBus }, { createLogger }] = await Promise.all([
    import('@throughline/platform/config/read-platform-config'),
    import('@throughline/platform/bus/embedded-bus'),
    import('@throughline/platform/telemetry/logger'),
  ]);
  const config = platformConfig('intake', env);
  if (config.bus.kind !== 'embedded') return undefined;
  const bus = await EmbeddedBus.open({ url: config.databaseUrl, logger: createLogger({ service: 'bus', level: config.logLevel }) });
  started.add('the bus', () => bus.close());
  await bus.ensureTopics(SERVICES);
  return bus;
};

/** The five services, then front, each on a port of its own: THROUGHLINE_HTTP_PORT is front's here. */
const serveAll = async (env: Env, started: Started): Promise<string> => {
  const [{ readFrontConfig, upstreamVariable }, { checkSettings }] = await Promise.all([import('../front/front-config.js'), import('../parts/check-settings.js')]);
  const own = { ...env, THROUGHLINE_HTTP_PORT: '0' };
  const upstreams = (urlOf: (service: Service) => string): Env => Object.fromEntries(SERVICES.map((service) => [upstreamVariable(service), urlOf(service)]));
  await checkSettings(own, () => readFrontConfig({ ...env, ...upstreams(() => 'http://not-up-yet.invalid') }));
  const bus = await sharedBus(env, started);
  const urls = new Map<Service, string>();
  for (const service of SERVICES) urls.set(service, await serveService(service, own, started, bus));
  return serveFront({ ...env, ...upstreams((service) => urls.get(service) ?? '') }, started);
};

export const serveCommand = (program: Command): void => {
  withHome(program.command('serve').description('one role in this process, set up by the environment: a service, front, issuer; or --all services and front'))
    .argument('[role]', [...SERVICES, 'front', 'issuer'].join(', '))
    .option('--all', 'all five services and front in this process')
    .action(async (role: string | undefined, flags: { home?: string; all?: boolean }) => {
      if ((role === undefined) === (flags.all !== true)) throw new Complaint('Name one role, or --all.');
      const stopped = stopSignal();
      const started = new Started();
      const env = process.env;
      const serve = async (): Promise<string> => {
        if (role === 'issuer') return serveIssuer(env, homeFrom(flags.home), started);
        if (role === 'front') return serveFront(env, started);
        if (role !== undefined && !isService(role)) throw new Complaint(`There is no role ${role}. They are: ${[...SERVICES, 'front', 'issuer'].join(', ')}.`);
        if (role !== undefined) return serveService(role, env, started);
        return serveAll(env, started);
      };
      try {
        const url = await serve();
        // Whoever started this process may wait for the line.
        process.send?.({ up: url });
        console.error(`${role ?? 'all'} is up: ${url} (checkout ${repositoryRoot})`);
      } catch (error) {
        await started.stopAll();
        throw error;
      }
      // Started by a stack that has gone: nobody is left to stop this process.
      const orphaned = new Promise<void>((done) => process.send && process.once('disconnect', done));
      await Promise.race([stopped, orphaned]);
      const failures = await started.stopAll();
      for (const failure of failures) console.error(`could not stop in good order: ${failure}`);
      process.exit(failures.length === 0 ? 0 : 1);
    });
};
