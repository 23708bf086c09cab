import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAt: number;
}

/**
 * Where the demo issuer keeps sessions, codes and refresh tokens: in memory, swept as they expire. After a restart people
 * sign in again; the signing key, and with it every access token that is out, stays valid.
 */
export class IssuerMemory implements Adapter {
  static readonly #entries = new Map<string, Entry>();
  static #nextSweep = 0;
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const now = Date.now();
    if (now > IssuerMemory.#nextSweep) {
      for (const [key, entry] of IssuerMemory.#entries) if (entry.expiresAt < now) IssuerMemory.#entries.delete(key);
      IssuerMemory.#nextSweep = now + 60_000;
    }
    IssuerMemory.#entries.set(this.#key(id), { payload, expiresAt: expiresIn ? now + expiresIn * 1000 : Infinity });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const entry = IssuerMemory.#entries.get(this.#key(id));
    return entry && entry.expiresAt >= Date.now() ? entry.payload : undefined;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#first((payload) => payload.uid === uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#first((payload) => payload.userCode === userCode);
  }

  async consume(id: string): Promise<void> {
    const entry = IssuerMemory.#entries.get(this.#key(id));
    if (entry) IssuerMemory.#entries.set(this.#key(id), { ...entry, payload: { ...entry.payload, consumed: Math.floor(Date.now() / 1000) } });
  }

  async destroy(id: string): Promise<void> {
    IssuerMemory.#entries.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, { payload }] of IssuerMemory.#entries) if (payload.grantId === grantId) IssuerMemory.#entries.delete(key);
  }

  #key(id: string): string {
    return `${this.#kind}:${id}`;
  }

  #first(wanted: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, { payload, expiresAt }] of IssuerMemory.#entries) {
      if (key.startsWith(`${this.#kind}:`) && expiresAt >= Date.now() && wanted(payload)) return payload;
    }
    return undefined;
  }
}
