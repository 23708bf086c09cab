import { Complaint } from '../home/home.js';

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string | null;
}

/** Front's HTTP interface as the program's own verbs use it. A refusal is a {@link Complaint} with the problem's own words. */
export class HttpApi {
  constructor(
    readonly url: string,
    private readonly token: string,
    private readonly patienceMs = 30_000,
  ) {}

  get<Body>(path: string): Promise<Body> {
    return this.#ask<Body>('GET', path);
  }

  post<Body>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Body> {
    return this.#ask<Body>('POST', path, body, headers);
  }

  /** Every item of a list, page by page. `path` has no query of its own. */
  async *pages<Item>(path: string, cursorName: string, limit = 200): AsyncGenerator<readonly Item[]> {
    for (let cursor: string | null | undefined = ''; cursor !== undefined && cursor !== null; ) {
      const query: string = cursor === '' ? `?limit=${limit}` : `?limit=${limit}&${cursorName}=${encodeURIComponent(cursor)}`;
      const page: Page<Item> = await this.get<Page<Item>>(`${path}${query}`);
      yield page.items;
      cursor = page.nextCursor;
    }
  }

  async #ask<Body>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Body> {
    const answer = await this.#fetch(method, path, body, headers);
    const text = await answer.text();
    const read: unknown = text === '' ? undefined : parse(text);
    if (answer.ok) return read as Body;
    const { detail = text.slice(0, 200), errors = [] } = (read ?? {}) as { detail?: string; errors?: readonly { field: string; detail: string }[] };
    throw new Complaint(`${method} ${path} was answered ${answer.status}: ${[detail, ...errors.map((one) => `${one.field}: ${one.detail}`)].join(' ')}`);
  }

  async #fetch(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Response> {
    try {
      return await fetch(new URL(path, this.url), {
        method,
        headers: { authorization: `Bearer ${this.token}`, accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(this.patienceMs),
      });
    } catch (error) {
      throw new Complaint(`${this.url} does not answer (${method} ${path}): ${error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error)}`);
    }
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
