import { setTimeout as delay } from 'node:timers/promises';
import type { System } from '@throughline/testing/system';
import { TcpCut } from '@throughline/testing/tcp-cut';
import type { Bench, Fault } from './fault.js';
import { onlyOnLinux, OwnCopy } from './own-copy.js';
import { partOf } from './strikes.js';

const SERVICE = 'care-plan';
const BETWEEN_MS = 2_000;
const REFUSED_MS = 4_000;
/** Longer than the group's session, and than PostgreSQL lets a transaction be idle. */
const SILENT_MS = 12_000;
const SLOW_MS = 3_000;
const SLOW_BY_MS = 100;

const REROUTE = new URL('./reroute.js', import.meta.url).href;

/** One kind of cut after the other, and the worst at the end: connections that are dead without anybody being told. */
const everyWay = async (wire: TcpCut): Promise<void> => {
  wire.reset();
  await delay(BETWEEN_MS);
  wire.refuse();
  await delay(REFUSED_MS);
  await wire.accept();
  await delay(BETWEEN_MS);
  wire.silence();
  await delay(SILENT_MS);
  wire.heal();
  wire.slow(SLOW_BY_MS);
  await delay(SLOW_MS);
  wire.slow(0);
  wire.kill();
};

/** Between a service and one server. */
class CutFrom {
  #wire: TcpCut | undefined;

  constructor(private readonly server: string) {}

  readonly prepare = async ({ system }: Bench): Promise<() => Promise<void>> => {
    const port = this.#portIn(system);
    const wire = await TcpCut.to(port);
    this.#wire = wire;
    const copy = await OwnCopy.instead(system, SERVICE, { env: { FAULT_ROUTES: JSON.stringify({ [port]: wire.port }) }, imports: [REROUTE] });
    return async () => {
      wire.close();
      await copy.giveBack();
    };
  };

  readonly strike: Fault['strike'] = async () => {
    const wire = this.#wire!;
    const before = wire.carried;
    if (before === 0) throw new Error(`${SERVICE} does not reach ${this.server} through the wire`);
    await everyWay(wire);
    return { from: Date.now(), what: `reset, refused ${REFUSED_MS / 1000} s, silent ${SILENT_MS / 1000} s, slow by ${SLOW_BY_MS} ms, dead connections; ${before} connections before, ${wire.carried - before} since` };
  };

  #portIn(system: System): number {
    return partOf(system, this.server).port!;
  }
}

const cut = (server: string, more: Partial<Fault> = {}): Fault => {
  const { prepare, strike } = new CutFrom(server);
  return { stand: 'one copy each', name: `network cut: ${SERVICE} from ${server}`, unable: onlyOnLinux, prepare, strike, ...more };
};

export const cuts: readonly Fault[] = [cut('postgres'), cut('kafka'), cut('redis', { fallsDue: true })];
