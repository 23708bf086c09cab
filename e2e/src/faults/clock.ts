import { existsSync, globSync } from 'node:fs';
import type { Bench, Fault } from './fault.js';
import { onlyOnLinux, OwnCopy } from './own-copy.js';

const LIBRARY = '/usr/lib/*/faketime/libfaketime.so.1';

const missing = (): string | undefined => (globSync(LIBRARY).some((file) => existsSync(file)) ? undefined : 'libfaketime was not found (Debian, Ubuntu: `apt-get install faketime`)');

/** A service whose clock is wrong while the stream runs, and is put right. */
class WrongClock {
  #copy: OwnCopy | undefined;

  constructor(
    private readonly service: string,
    private readonly by: string,
  ) {}

  readonly prepare = async ({ system }: Bench): Promise<() => Promise<void>> => {
    // Only the calendar's clock: time-outs and pauses are measured with the other.
    const copy = await OwnCopy.instead(system, this.service, { env: { LD_PRELOAD: globSync(LIBRARY)[0]!, FAKETIME: this.by, DONT_FAKE_MONOTONIC: '1' } });
    this.#copy = copy;
    return () => copy.giveBack();
  };

  readonly strike: Fault['strike'] = async ({ system }) => {
    const { port } = new URL((system.instance()['services'] as Record<string, string>)[this.service]!);
    // The `Date` of its answers is its own.
    const said = (await fetch(`http://127.0.0.1:${port}/livez`)).headers.get('date') ?? '';
    const off = Math.round((Date.parse(said) - Date.now()) / 60_000);
    const from = Date.now();
    await this.#copy!.again({});
    return { from, what: `clock of ${this.service} off by ${off} minutes, then put right`, problems: Math.abs(off) === 60 ? [] : [`the clock of ${this.service} was not an hour off`] };
  };
}

const clock = (service: string, by: string, words: string): Fault => {
  const { prepare, strike } = new WrongClock(service, by);
  return { stand: 'one copy each', name: `clock one hour ${words}: ${service}`, unable: onlyOnLinux, missing, prepare, strike, untimed: true };
};

export const clocks: readonly Fault[] = [clock('care-plan', '-1h', 'slow')];
