import { SERVICES, type Service } from '@throughline/contracts/define-event';
import { platformConfig } from '@throughline/platform/config/read-platform-config';
import { readFrontConfig } from '@throughline/throughline/front/front-config';
import { definitionOf } from '@throughline/throughline/services';
import { parse } from 'yaml';

interface Part {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly user?: string;
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
  readonly logging?: { readonly options?: Readonly<Record<string, string>> };
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

/** What the code says a deployment has to be like. */
export interface Expected {
  readonly roles: readonly string[];
  /** Variables that a role reads in its command, where no schema can be asked. */
  readonly readBy: Readonly<Record<string, readonly string[]>>;
  /** How long a role may take to stop. */
  readonly stopMs: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** An environment that notes which variables are asked for. */
const listening = (env: Readonly<Record<string, string>>): { readonly env: Readonly<Record<string, string>>; readonly read: ReadonlySet<string> } => {
  const read = new Set<string>();
  const proxy = new Proxy(env, {
    get: (target, name) => {
      if (typeof name === 'string') read.add(name);
      return Reflect.get(target, name) as unknown;
    },
  });
  return { env: proxy, read };
};

interface Reading {
  readonly faults: readonly string[];
  readonly read: ReadonlySet<string>;
  readonly ports: readonly number[];
}

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Starts nothing: has the role's own configuration read what it would be given. */
const readAsService = async (service: Service, given: Readonly<Record<string, string>>): Promise<Reading> => {
  const { env, read } = listening(given);
  try {
    const { http } = platformConfig(service, env);
    const own = (await definitionOf[service]()).config(env) as { readonly mllpPort?: number };
    return { faults: [], read, ports: [http.port, ...(own.mllpPort === undefined ? [] : [own.mllpPort])] };
  } catch (error) {
    return { faults: [why(error)], read, ports: [] };
  }
};

const readAsFront = (given: Readonly<Record<string, string>>): Reading => {
  const { env, read } = listening(given);
  try {
    return { faults: [], read, ports: [readFrontConfig(env).port] };
  } catch (error) {
    return { faults: [why(error)], read, ports: [] };
  }
};

const readingOf = (role: string, env: Readonly<Record<string, string>>, { readBy }: Expected): Promise<Reading> | Reading => {
  if ((SERVICES as readonly string[]).includes(role)) return readAsService(role as Service, env);
  if (role === 'front') return readAsFront(env);
  return { faults: [], read: new Set(readBy[role] ?? []), ports: role === 'issuer' ? [Number(env['THROUGHLINE_ISSUER_HTTP_PORT'])] : [] };
};

const seconds = (text: string | undefined): number => Number(/^(\d+)s$/.exec(text ?? '')?.[1] ?? 10);

const hardening = (part: Part, { stopMs }: Expected): readonly string[] => [
  ...(part.read_only === true ? [] : ['its file system can be written']),
  ...(part.tmpfs?.includes('/tmp') ? [] : ['it has no /tmp']),
  ...(/^[1-9]\d*:[1-9]\d*$/.test(part.user ?? '') ? [] : ['it runs as root, or as a name']),
  ...(part.cap_drop?.includes('ALL') ? [] : ['it keeps capabilities']),
  ...(seconds(part.stop_grace_period) * 1000 >= stopMs ? [] : ['it is killed before it has stopped']),
];

const health = (role: string, part: Part, ports: readonly number[]): readonly string[] => {
  const path = role === 'issuer' ? '/.well-known/openid-configuration' : '/readyz';
  const asked = /fetch\('http:\/\/127\.0\.0\.1:(\d+)([^']*)'\)/.exec(part.healthcheck?.test.join(' ') ?? '');
  if (!asked) return ['nobody asks for its health'];
  return [...(asked[2] === path ? [] : [`its health is asked for at ${asked[2]}`]), ...(ports.includes(Number(asked[1])) ? [] : [`its health is asked for at port ${asked[1]}, where it does not listen`])];
};

const published = (part: Part, ports: readonly number[]): readonly string[] =>
  (part.ports ?? []).flatMap((line) => {
    const [host, , inside] = line.split(':');
    return [...(host === '127.0.0.1' ? [] : [`port ${line} is open beyond this machine`]), ...(ports.includes(Number(inside)) ? [] : [`port ${line} is published, and nothing listens there`])];
  });

/** Where `front` is told to find the services. */
const upstreams = (front: Part | undefined, portOf: ReadonlyMap<string, readonly number[]>): readonly string[] =>
  Object.entries(front?.environment ?? {}).flatMap(([name, value]) => {
    const service = /^THROUGHLINE_(.+)_URL$/.exec(name)?.[1]?.toLowerCase().replaceAll('_', '-') ?? '';
    if (!(SERVICES as readonly string[]).includes(service)) return [];
    const { hostname, port } = new URL(value);
    return hostname === service && portOf.get(service)?.includes(Number(port)) ? [] : [`front: ${name} leads to ${value}, where ${service} is not`];
  });

const versionFaults = (name: string, image: string | undefined, { versions }: Expected): readonly string[] => {
  const [of, tag = ''] = (image ?? '').split(':');
  const wanted = versions[of ?? ''];
  if (!/^\d+\.\d+/.test(tag)) return [`${name}: the version of ${image} is not pinned`];
  return wanted === undefined || tag === wanted ? [] : [`${name}: ${image} is not the version that the tests use (${wanted})`];
};

/** Everything in which a compose file does not fit the code. */
export const faultsOfCompose = async (text: string, expected: Expected): Promise<readonly string[]> => {
  const { services: parts } = parse(text, { merge: true }) as { services: Readonly<Record<string, Part>> };
  const faults: string[] = [];
  const served = Object.entries(parts).filter(([, part]) => part.command?.[0] === 'serve').map(([name, part]) => [part.command![1]!, name, part] as const);
  const missing = expected.roles.filter((role) => !served.some(([one]) => one === role));
  const unknown = served.map(([role]) => role).filter((role) => !expected.roles.includes(role));
  faults.push(...missing.map((role) => `the role ${role} is missing`), ...unknown.map((role) => `there is no role ${role}`));
  const portOf = new Map<string, readonly number[]>();
  for (const [name, part] of Object.entries(parts)) {
    faults.push(...versionFaults(name, part.image, expected));
    if (!part.security_opt?.includes('no-new-privileges:true')) faults.push(`${name}: it may gain privileges`);
    if (!part.logging?.options?.['max-size']) faults.push(`${name}: its log grows without end`);
    const verb = part.command?.[0] ?? '';
    if (!['serve', 'migrate', 'topics'].includes(verb)) continue;
    const role = verb === 'serve' ? part.command![1]! : verb;
    const reading = await readingOf(role, part.environment ?? {}, expected);
    portOf.set(name, reading.ports);
    const strangers = Object.keys(part.environment ?? {}).filter((variable) => !reading.read.has(variable));
    const found = [...reading.faults, ...strangers.map((variable) => `it does not read ${variable}`), ...hardening(part, expected), ...published(part, reading.ports), ...(verb === 'serve' ? health(role, part, reading.ports) : [])];
    faults.push(...found.map((fault) => `${name}: ${fault}`));
  }
  faults.push(...upstreams(parts['front'], portOf));
  for (const [role, name, part] of served) {
    if (!(SERVICES as readonly string[]).includes(role)) continue;
    for (const first of ['migrate', 'topics']) if (part.depends_on?.[first]?.condition !== 'service_completed_successfully') faults.push(`${name}: it does not wait for ${first}`);
  }
  return faults;
};

