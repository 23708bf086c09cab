import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCalendar, type Calendar } from '@throughline/kernel/calendar';
import { ConfigError } from '@throughline/platform/config/read-config';
import { parseProtocol, type Protocol } from '../../domain/protocol.js';
import { PROGRAMME, TRANSITION } from '../../domain/occasion.js';
import type { Reference } from '../../domain/settle.js';

/**
 * Reads every protocol and calendar of two folders. One error lists every problem of every file. An operator's folder from before
 * there were referrals has no protocol for them: it is taken from `shippedProtocols`, so that no referral finds itself without one.
 */
export const loadReference = (protocolsFolder: string, calendarsFolder: string, shippedProtocols: string): Reference => {
  const problems: string[] = [];
  const found = readFolder(protocolsFolder, parseProtocol, problems);
  const ours = ({ id }: Protocol): boolean => id === PROGRAMME;
  const protocols = found.some(ours) ? found : [...found, ...readFolder(shippedProtocols, parseProtocol, problems).filter(ours)];
  const calendars = newest(readFolder(calendarsFolder, parseCalendar, problems));
  problems.push(...contradictions(protocols, calendars, protocolsFolder));
  if (problems.length > 0) throw new ConfigError(problems.map((wrong) => ({ variable: 'protocols and calendars', wrong, remedy: 'Correct the file (THROUGHLINE_PROTOCOLS, THROUGHLINE_CALENDARS).' })));
  return { protocols, calendars };
};

const readFolder = <T>(folder: string, parse: (content: unknown, file: string) => T, problems: string[]): T[] => {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
  } catch (error) {
    problems.push(`Folder ${folder} cannot be read: ${(error as Error).message}`);
    return [];
  }
  return names.flatMap((name) => {
    try {
      return [parse(JSON.parse(readFileSync(join(folder, name), 'utf8')), name)];
    } catch (error) {
      problems.push(error instanceof SyntaxError ? `${name}: not JSON: ${error.message}` : (error as Error).message);
      return [];
    }
  });
};

/** Of several files of one calendar the highest version counts. */
const newest = (calendars: readonly Calendar[]): ReadonlyMap<string, Calendar> =>
  new Map([...calendars].sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true })).map((calendar) => [calendar.id, calendar]));

const contradictions = (protocols: readonly Protocol[], calendars: ReadonlyMap<string, Calendar>, folder: string): string[] => [
  ...(protocols.some((protocol) => protocol.id === TRANSITION) ? [] : [`No protocol ${TRANSITION} in ${folder}`]),
  ...protocols.filter((protocol) => !calendars.has(protocol.calendar)).map((protocol) => `Protocol ${protocol.id}@${protocol.version}: there is no calendar ${protocol.calendar}`),
  ...protocols
    .filter((protocol, i) => protocols.findIndex((other) => other.id === protocol.id && other.version === protocol.version) < i)
    .map((protocol) => `Protocol ${protocol.id}@${protocol.version} is in two files`),
];
