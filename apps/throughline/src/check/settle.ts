import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@throughline/contracts/define-event';
import type { HttpApi } from '../commands/http-api.js';

type Quiet = Readonly<Record<string, number>>;

const QUIET_FOR_MS = 2_000;
const PAUSE_MS = 200;

export interface Settled {
  /** Nothing was left to do for two seconds on end. */
  readonly settled: boolean;
  /** What is left, or why it cannot be known; one phrase each. */
  readonly left: readonly string[];
  readonly parked: number;
}

const look = async (http: HttpApi): Promise<Settled> => {
  let parked = 0;
  const left = await Promise.all(
    SERVICES.map(async (service) => {
      try {
        const { parked: aside = 0, ...rest } = await http.get<Quiet>(`/api/${service}/ledger/quiet`);
        parked += aside;
        return Object.entries(rest).flatMap(([what, count]) => (count > 0 ? [`${service} ${what} ${count}`] : []));
      } catch (error) {
        return [`${service}: ${error instanceof Error ? error.message : String(error)}`];
      }
    }),
  );
  return { settled: left.flat().length === 0, left: left.flat(), parked };
};

/** Waits until every service has nothing left to do for two seconds on end, `patienceMs` at most. */
export const settle = async (http: HttpApi, patienceMs: number): Promise<Settled> => {
  const until = Date.now() + patienceMs;
  let quietSince: number | undefined;
  for (;;) {
    const now = await look(http);
    quietSince = now.settled ? (quietSince ?? Date.now()) : undefined;
    if (quietSince !== undefined && Date.now() - quietSince >= QUIET_FOR_MS) return now;
    if (Date.now() >= until) return { ...now, settled: false };
    await delay(PAUSE_MS);
  }
};
