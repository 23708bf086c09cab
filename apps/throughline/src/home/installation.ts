import { randomInt, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { portIsFree } from '@throughline/local-servers/ports';
import { Complaint, writePrivate } from './home.js';

/** What a home is given once and keeps: secrets that ids are made with, ports that addresses in tokens and cookies name. */
interface Kept {
  /** Namespace of patient ids: whoever lacks it cannot work an id back to a record number. */
  readonly namespaceSecret: string;
  /** Name -> port last used. */
  readonly ports: Readonly<Record<string, number>>;
  readonly demoPlayed: boolean;
}

/** Below the ports that systems hand out for outgoing connections: one of those may be in use by the time a server wants it. */
const OWN_PORTS = { from: 20_000, count: 12_000 };

const freePortBesides = async (taken: ReadonlySet<number>): Promise<number> => {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const port = OWN_PORTS.from + randomInt(OWN_PORTS.count);
    if (!taken.has(port) && (await portIsFree(port))) return port;
  }
  throw new Complaint(`No free port was found between ${OWN_PORTS.from} and ${OWN_PORTS.from + OWN_PORTS.count}.`);
};

/** `<home>/installation.json`, readable by its owner only. */
export class Installation {
  readonly #file: string;
  #kept: Kept;

  constructor(home: string) {
    this.#file = join(home, 'installation.json');
    this.#kept = existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, 'utf8')) as Kept) : { namespaceSecret: randomUUID(), ports: {}, demoPlayed: false };
    this.#save({});
  }

  get namespaceSecret(): string {
    return this.#kept.namespaceSecret;
  }

  get demoPlayed(): boolean {
    return this.#kept.demoPlayed;
  }

  rememberDemo(): void {
    this.#save({ demoPlayed: true });
  }

  /** For each name the port this home used last when it is free, else any free one that no other name has. */
  async ports<Name extends string>(...names: readonly Name[]): Promise<Readonly<Record<Name, number>>> {
    const chosen: Record<string, number> = {};
    for (const name of names) {
      const before = this.#kept.ports[name];
      const taken = new Set([...Object.values(this.#kept.ports), ...Object.values(chosen)]);
      chosen[name] = before !== undefined && (await portIsFree(before)) ? before : await freePortBesides(taken);
    }
    this.#save({ ports: { ...this.#kept.ports, ...chosen } });
    return chosen as Record<Name, number>;
  }

  #save(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    writePrivate(this.#file, `${JSON.stringify(this.#kept, null, 2)}\n`);
  }
}

/** A port that a person chose: 0 means any free one; one that is taken is a {@link Complaint} that names the option to choose another. */
export const chosenPort = async (port: number, what: string, option: string): Promise<number> => {
  if (port === 0) return freePortBesides(new Set());
  if (await portIsFree(port)) return port;
  throw new Complaint(`Port ${port} (${what}) is taken. Choose another with ${option} N, or stop what listens there.`);
};
