export interface Visit {
  readonly status: number;
  readonly url: string;
  readonly body: string;
  readonly headers: Headers;
}

/** As much of a browser as a sign-in needs: cookies by host, path and name, redirects, forms. */
export class Browser {
  readonly #cookies = new Map<string, { value: string; path: string }>();
  readonly setCookies: string[] = [];

  /** GET, or POST when there is a form; follows redirects. */
  async visit(url: string, form?: Record<string, string>): Promise<Visit> {
    let answer = await this.#fetch(form ? 'POST' : 'GET', url, form && new URLSearchParams(form).toString(), form ? { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' } : { accept: 'text/html' });
    let at = url;
    for (let hops = 0; answer.status >= 300 && answer.status < 400 && hops < 10; hops += 1) {
      at = new URL(answer.headers.get('location')!, at).href;
      await answer.arrayBuffer();
      answer = await this.#fetch('GET', at, undefined, { accept: 'text/html' });
    }
    return { status: answer.status, url: at, body: await answer.text(), headers: answer.headers };
  }

  async send(method: string, url: string, body?: string, headers: Record<string, string> = {}): Promise<Visit> {
    const answer = await this.#fetch(method, url, body, headers);
    return { status: answer.status, url, body: await answer.text(), headers: answer.headers };
  }

  /** A GET whose body is read by the caller. */
  open(url: string): Promise<Response> {
    return this.#fetch('GET', url, undefined, {});
  }

  async #fetch(method: string, url: string, body: string | undefined, headers: Record<string, string>): Promise<Response> {
    const { pathname } = new URL(url);
    const cookie = [...this.#cookies].filter(([, { path }]) => pathname.startsWith(path)).map(([name, { value }]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { method, body, headers: { connection: 'close', ...headers, ...(cookie ? { cookie } : {}) }, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      this.setCookies.push(line);
      const [pair = '', ...attributes] = line.split(/; */);
      const at = pair.indexOf('=');
      const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
      const gone = attributes.some((attribute) => /^expires=Thu, 01 Jan 1970/i.test(attribute) || /^max-age=0$/i.test(attribute));
      if (gone) this.#cookies.delete(pair.slice(0, at));
      else this.#cookies.set(pair.slice(0, at), { value: pair.slice(at + 1), path });
    }
    return answer;
  }
}
