import { randomBytes } from 'node:crypto';

export interface Person {
  readonly sub: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly idToken?: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** A browser's session, kept here and nowhere else: the browser holds its random id, never a token. */
export interface Session {
  readonly id: string;
  readonly person: Person;
  readonly csrfToken: string;
  tokens: Tokens;
  readonly startedAt: number;
  touchedAt: number;
  /** One refresh at a time, shared by whoever waits for it. */
  refreshing?: Promise<Tokens>;
  /** Streams that end when the session does. */
  readonly onEnd: Set<() => void>;
}

export interface SessionLimits {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

export const randomId = (): string => randomBytes(32).toString('base64url');

export class Sessions {
  readonly #sessions = new Map<string, Session>();
  readonly #sweep: NodeJS.Timeout;

  constructor(private readonly limits: SessionLimits) {
    this.#sweep = setInterval(() => this.#dropExpired(), 15_000);
    this.#sweep.unref();
  }

  get size(): number {
    return this.#sessions.size;
  }

  begin(person: Person, tokens: Tokens): Session {
    const now = Date.now();
    const session: Session = { id: randomId(), person, csrfToken: randomId(), tokens, startedAt: now, touchedAt: now, onEnd: new Set() };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** The live session with this id. `touch` says that a person did something, which moves the idle time-out. */
  find(id: string | undefined, touch: boolean): Session | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (!session) return undefined;
    if (this.#expired(session)) {
      this.end(session);
      return undefined;
    }
    if (touch) session.touchedAt = Date.now();
    return session;
  }

  end(session: Session): void {
    this.#sessions.delete(session.id);
    for (const close of session.onEnd) close();
    session.onEnd.clear();
  }

  stop(): void {
    clearInterval(this.#sweep);
    for (const session of [...this.#sessions.values()]) this.end(session);
  }

  #expired(session: Session): boolean {
    const now = Date.now();
    return now - session.touchedAt > this.limits.idleMs || now - session.startedAt > this.limits.absoluteMs;
  }

  #dropExpired(): void {
    for (const session of [...this.#sessions.values()]) if (this.#expired(session)) this.end(session);
  }
}
