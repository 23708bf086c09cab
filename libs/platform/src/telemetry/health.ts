export interface HealthReport {
  readonly ok: boolean;
  /** What is wrong, one sentence each, without patient data. Empty when ok. */
  readonly reasons: readonly string[];
}

/** Answers null when all is well, else the reason in a few words. */
export type HealthCheck = () => string | null | Promise<string | null>;

const CHECK_LIMIT_MS = 5_000;

const within = async (name: string, check: HealthCheck): Promise<string | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`${name}: no answer within ${CHECK_LIMIT_MS / 1000} s`), CHECK_LIMIT_MS);
    timer.unref();
  });
  try {
    const reason = await Promise.race([(async () => check())(), late]);
    return reason === null || reason.startsWith(`${name}:`) ? reason : `${name}: ${reason}`;
  } catch {
    return `${name}: the check failed`;
  } finally {
    clearTimeout(timer);
  }
};

const asked = async (checks: ReadonlyMap<string, HealthCheck>): Promise<string[]> =>
  (await Promise.all([...checks].map(([name, check]) => within(name, check)))).filter((reason) => reason !== null);

/** Named checks behind `/readyz`. `/livez` asks none of them: it answers as long as the event loop turns, so no outage elsewhere restarts a service. */
export class Health {
  readonly #checks = new Map<string, HealthCheck>();
  #stopping = false;

  /** Answers the function that takes the check away again. */
  register(name: string, check: HealthCheck): () => void {
    this.#checks.set(name, check);
    return () => {
      if (this.#checks.get(name) === check) this.#checks.delete(name);
    };
  }

  /** From now on not ready: load balancers take the service out before it stops answering. */
  leave(): void {
    this.#stopping = true;
  }

  async report(): Promise<HealthReport> {
    const reasons = await asked(this.#checks);
    if (this.#stopping) reasons.unshift('the service is stopping');
    return { ok: reasons.length === 0, reasons };
  }
}

export const livez = (): HealthReport => ({ ok: true, reasons: [] });
