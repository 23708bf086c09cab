import { join } from 'node:path';
import { SERVICES } from '@throughline/contracts/define-event';
import type { Logger } from 'pino';
import { Complaint, repositoryRoot } from '../home/home.js';
import { FRONT_CLIENT } from '../issuer/issuer.js';
import type { FrontOptions } from './front-options.js';

type Environment = Readonly<Record<string, string | undefined>>;

export const CONSOLE_FOLDER = join(repositoryRoot, 'apps/console/dist');
export const ASYNCAPI_FILE = join(repositoryRoot, 'libs/contracts/generated/asyncapi.json');

const minutes = (env: Environment, name: string, fallback: number, problems: string[]): number => {
  const given = env[name];
  if (given === undefined || given === '') return fallback * 60_000;
  if (!/^\d{1,5}$/.test(given) || Number(given) === 0) problems.push(`${name} has to be a number of minutes from 1 to 99999`);
  return Number(given) * 60_000;
};

/** THROUGHLINE_SESSION_IDLE_MINUTES (30) and THROUGHLINE_SESSION_MAX_MINUTES (720). */
export const sessionLimits = (env: Environment, problems: string[] = []): { idleMs: number; absoluteMs: number } => ({
  idleMs: minutes(env, 'THROUGHLINE_SESSION_IDLE_MINUTES', 30, problems),
  absoluteMs: minutes(env, 'THROUGHLINE_SESSION_MAX_MINUTES', 720, problems),
});

/** Front alone (`throughline serve front`), from the environment. Throws one {@link Complaint} that lists every problem. */
export const frontOptions = (env: Environment, logger: Logger): FrontOptions => {
  const problems: string[] = [];
  const url = (name: string, needed: boolean): string => {
    const given = env[name] ?? '';
    if (given === '' && needed) problems.push(`${name} is not set`);
    else if (given !== '' && !/^https?:\/\//.test(given)) problems.push(`${name} has to be an http or https URL`);
    return given;
  };
  const upstreams = Object.fromEntries(SERVICES.map((service) => [service, url(`THROUGHLINE_${service.toUpperCase().replaceAll('-', '_')}_URL`, true)]));
  const issuerUrl = url('THROUGHLINE_ISSUER', true);
  const publicUrl = url('THROUGHLINE_PUBLIC_URL', false);
  const clientSecret = env['THROUGHLINE_FRONT_CLIENT_SECRET'] ?? '';
  if (clientSecret === '') problems.push("THROUGHLINE_FRONT_CLIENT_SECRET is not set: it is the secret of front's client at the issuer");
  const port = env['THROUGHLINE_FRONT_HTTP_PORT'] ?? env['THROUGHLINE_HTTP_PORT'] ?? '7400';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) problems.push('THROUGHLINE_FRONT_HTTP_PORT has to be a port');
  const limits = sessionLimits(env, problems);
  if (problems.length > 0) throw new Complaint(`front cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  return {
    host: env['THROUGHLINE_HTTP_HOST'] ?? '127.0.0.1',
    port: Number(port),
    publicUrl: publicUrl === '' ? undefined : publicUrl,
    upstreams,
    issuer: { url: issuerUrl, clientId: env['THROUGHLINE_FRONT_CLIENT_ID'] ?? FRONT_CLIENT, clientSecret },
    consoleFolder: env['THROUGHLINE_CONSOLE_FOLDER'] ?? CONSOLE_FOLDER,
    asyncApiFile: ASYNCAPI_FILE,
    logger,
    ...limits,
  };
};
