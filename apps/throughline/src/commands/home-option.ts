import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { Complaint, type Instance, repositoryRoot, runningInstance } from '../home/home.js';
import type { Role } from '../issuer/demo-users.js';
import { signDemoToken } from '../issuer/issuer-keys.js';

/** `--home`, else THROUGHLINE_HOME, else a folder in the checkout. */
export const homeFrom = (given: string | undefined, fallback = '.throughline'): string => {
  const named = given ?? process.env['THROUGHLINE_HOME'];
  return named ? resolve(named) : join(repositoryRoot, fallback);
};

export const withHome = (command: Command, fallback = '.throughline'): Command => command.option('--home <dir>', `folder of the instance (default: THROUGHLINE_HOME, else ${fallback} in the checkout)`);

export const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
};

export const portNumber = (text: string): number => {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('A port lies between 0 and 65535.');
  return port;
};

/** A bearer token for this role: THROUGHLINE_TOKEN when it is set, else one of the embedded issuer. */
export const tokenFor = async (home: string, instance: Instance, role: Role): Promise<string> => {
  const given = process.env['THROUGHLINE_TOKEN'];
  if (given) return given;
  if (instance.issuer.kind === 'external') {
    throw new Complaint(`The instance at ${home} uses the issuer ${instance.issuer.url}, which is not ours: get a token with the role ${role} there, and set THROUGHLINE_TOKEN to it.`);
  }
  return signDemoToken(home, instance.issuer, role);
};

/** The running instance and a way to ask it as this role. */
export const instanceAs = async (home: string, role: Role): Promise<{ instance: Instance; token: string }> => {
  const instance = runningInstance(home);
  return { instance, token: await tokenFor(home, instance, role) };
};
