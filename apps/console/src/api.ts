/** An answer that is not a success, as RFC 9457 problem details. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: readonly { field: string; detail: string }[] = [],
  ) {
    super([detail || title, ...errors.map((error) => `${error.field}: ${error.detail}`)].join(' '));
  }
}

let csrfToken = '';
/** Every change made with the session's cookie carries it; it is useless without the cookie. */
export const setCsrfToken = (token: string): void => {
  csrfToken = token;
};

/** A person did something within the last minute; what the page reads by itself must not keep a forgotten session alive. */
let touchedAt = Date.now();
for (const event of ['pointerdown', 'keydown', 'wheel']) addEventListener(event, () => (touchedAt = Date.now()), { passive: true });
const background = (): Record<string, string> => (Date.now() - touchedAt > 60_000 ? { 'x-background': '1' } : {});

const answerOf = async <T>(response: Response): Promise<T> => {
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string; errors?: { field: string; detail: string }[] };
  throw new Problem(response.status, problem.title ?? response.statusText, problem.detail ?? '', problem.errors);
};

export const get = async <T>(path: string, query: Record<string, string | undefined> = {}): Promise<T> => {
  const search = new URLSearchParams(Object.entries(query).filter((pair): pair is [string, string] => !!pair[1])).toString();
  return answerOf<T>(await fetch(search ? `${path}?${search}` : path, { headers: { accept: 'application/json', ...background() } }));
};

/**
 * A change. The idempotency key is made once per action of a person, so a click that is sent twice is done once;
 * `version` is the one the person saw, and a newer one on the server refuses the change.
 */
export const post = async <T>(path: string, body: unknown, options: { key: string; version?: number }): Promise<T> =>
  answerOf<T>(
    await fetch(path, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'x-csrf-token': csrfToken,
        'idempotency-key': options.key,
        ...(options.version === undefined ? {} : { 'if-match': `"${options.version}"` }),
      },
      body: JSON.stringify(body),
    }),
  );

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
