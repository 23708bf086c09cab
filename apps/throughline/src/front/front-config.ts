import { join } from 'node:path';
import { SERVICES, type Service } from '@throughline/contracts/define-event';
import { readConfig, secret, setting, type ConfigOf, type Environment, type Setting } from '@throughline/platform/config/read-config';
import { logLevel } from '@throughline/platform/config/read-platform-config';
import { port, text, url, urlList, wholeNumber } from '@throughline/platform/config/value-kinds';
import type { Logger } from 'pino';
import { repositoryRoot } from '../home/home.js';
import { FRONT_CLIENT } from '../issuer/issuer.js';
import type { FrontOptions } from './front-options.js';

export const CONSOLE_FOLDER = join(repositoryRoot, 'apps/console/dist');
export const ASYNCAPI_FILE = join(repositoryRoot, 'libs/contracts/generated/asyncapi.json');

const minutes = (variable: string, initial: number) => setting(variable, wholeNumber(1, 99_999).default(initial), 'Set it to a number of minutes from 1 to 99999.');

const sessions = {
  idleMinutes: minutes('THROUGHLINE_SESSION_IDLE_MINUTES', 30),
  maxMinutes: minutes('THROUGHLINE_SESSION_MAX_MINUTES', 720),
};

export const upstreamVariable = (service: Service): string => `THROUGHLINE_${service.toUpperCase().replaceAll('-', '_')}_URL`;

const upstreams = Object.fromEntries(
  SERVICES.map((service) => [service, setting(upstreamVariable(service), urlList('http', 'https'), `Set it to where front reaches ${service}, for example http://127.0.0.1:7401; several copies: http://...,http://...`)]),
) as Readonly<Record<Service, Setting<string[]>>>;

const settings = {
  ...sessions,
  ...upstreams,
  logLevel,
  host: setting('THROUGHLINE_HTTP_HOST', text.default('127.0.0.1'), 'Set it to the address to listen on.'),
  port: setting(['THROUGHLINE_FRONT_HTTP_PORT', 'THROUGHLINE_HTTP_PORT'], port.default(7400), 'Set it to a port from 0 (any free one) to 65535.'),
  publicUrl: setting('THROUGHLINE_PUBLIC_URL', url('http', 'https').optional(), 'Set it to the URL by which browsers reach the console.'),
  issuerUrl: setting('THROUGHLINE_ISSUER', url('http', 'https'), 'Set it to the URL of the OIDC issuer.'),
  clientId: setting('THROUGHLINE_FRONT_CLIENT_ID', text.default(FRONT_CLIENT), "Set it to the name of front's client at the issuer."),
  clientSecret: secret('THROUGHLINE_FRONT_CLIENT_SECRET', text, "Set it to the secret of front's client at the issuer."),
  consoleFolder: setting('THROUGHLINE_CONSOLE_FOLDER', text.default(CONSOLE_FOLDER), "Set it to the folder of the console's built files."),
};

type Sessions = ConfigOf<typeof sessions>;
export type FrontConfig = ConfigOf<typeof settings>;

export const limitsOf = ({ idleMinutes, maxMinutes }: Sessions): { idleMs: number; absoluteMs: number } => ({ idleMs: idleMinutes * 60_000, absoluteMs: maxMinutes * 60_000 });

/** What a person may set of a front whose addresses its start chooses. @throws ConfigError listing every problem */
export const readSessionConfig = (env: Environment): Sessions => readConfig(sessions, env);

/** Front alone (`throughline serve front`). @throws ConfigError listing every problem */
export const readFrontConfig = (env: Environment): FrontConfig => readConfig(settings, env);

export const frontOptions = (config: FrontConfig, logger: Logger): FrontOptions => ({
  host: config.host,
  port: config.port,
  publicUrl: config.publicUrl,
  upstreams: Object.fromEntries(SERVICES.map((service) => [service, config[service]])),
  issuer: { url: config.issuerUrl, clientId: config.clientId, clientSecret: config.clientSecret },
  consoleFolder: config.consoleFolder,
  asyncApiFile: ASYNCAPI_FILE,
  logger,
  ...limitsOf(config),
});
