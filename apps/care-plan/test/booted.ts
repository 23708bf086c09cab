import { fixedClock } from '@throughline/testing/fixed-clock';
import { standingGround } from '@throughline/testing/standing-service';
import { carePlan } from '../src/care-plan.module.js';
import type { AnyEvent } from './world.js';

interface Asking {
  readonly role?: string | null;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
}

/** The service as it runs: started by the platform, reading the embedded bus, spoken to over HTTP with a real issuer's tokens. */
export const booted = async (now = '2026-03-06T18:00:10.000Z') => {
  const clock = fixedClock(now);
  const ground = await standingGround(clock);
  const service = await ground.start(carePlan);
  return {
    query: service.rows,
    /** Time passes and every alarm rings. */
    advance: service.advance,
    /** Time passes and no alarm rings. */
    sleep: (to: string): void => clock.set(new Date(to)),
    said: service.published,
    /** Events are published, one after the other, and taken. */
    hear: async (...events: readonly AnyEvent[]): Promise<void> => {
      for (const event of events) await service.hear(event.type, event.data);
    },
    ask: async <Body = Record<string, unknown>>(method: string, path: string, { role = 'coordinator', json, headers = {} }: Asking = {}) => {
      const answer = await service.ask(`/api/care-plan${path}`, { method, json, headers, ...(role ? { as: { sub: `${role}-1`, roles: [role] } } : {}) });
      return { status: answer.status, etag: answer.headers.get('etag'), replayed: answer.headers.get('idempotency-replayed'), body: (await answer.json()) as Body };
    },
    stop: (): Promise<void> => ground.stop(),
  };
};
export type Booted = Awaited<ReturnType<typeof booted>>;
