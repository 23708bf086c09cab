import { setTimeout as delay } from 'node:timers/promises';

const reasonsAt = async (url: string): Promise<readonly string[]> => {
  try {
    const answer = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(5_000) });
    if (answer.ok) return [];
    const body = (await answer.json().catch(() => ({}))) as { reasons?: readonly string[] };
    return body.reasons ?? [`it answers ${answer.status}`];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
};

/** Waits until what is at this URL says that it is ready. Fails with its reasons when that takes longer than `patienceMs`. */
export const untilReady = async (url: string, patienceMs: number): Promise<void> => {
  for (const until = Date.now() + patienceMs; ; await delay(50)) {
    const reasons = await reasonsAt(url);
    if (reasons.length === 0) return;
    if (Date.now() > until) throw new Error(`${url} is not ready after ${patienceMs / 1000} s: ${reasons.join('; ')}`);
  }
};
