import { request, type ClientRequest } from 'node:http';

export interface Notice {
  readonly number: number;
  readonly type: string;
  readonly taskId: string;
  readonly correlationId: string;
}

const PAUSE_MS = 200;

/** Follows the stream of notices as any subscriber does, and resumes where it was when the stream ends. */
export class NoticeReader {
  #last: string | undefined;
  #request: ClientRequest | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly url: URL,
    private readonly token: string,
    private readonly seen: (notice: Notice) => void,
  ) {}

  /** Resolves when the stream is open: what happens from now on is seen. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.token}`, accept: 'text/event-stream', ...(this.#last === undefined ? {} : { 'last-event-id': this.#last }) };
      const asked = request(new URL('/api/notification/stream', this.url), { headers }, (answer) => {
        if (answer.statusCode !== 200) {
          answer.resume();
          reject(new Error(`The stream answered ${answer.statusCode}`));
          return this.#again();
        }
        let rest = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          const events = (rest + chunk).split('\n\n');
          rest = events.pop() ?? '';
          for (const event of events) this.#read(event);
          resolve();
        });
        answer.on('close', () => this.#again());
      });
      asked.on('error', (error) => (reject(error), this.#again()));
      asked.end();
      this.#request = asked;
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#request?.destroy();
  }

  #again(): void {
    // A first failure is the caller's; later ones end with the stream being open again.
    if (this.#stopped || this.#last === undefined || this.#waiting) return;
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      this.open().catch(() => undefined);
    }, PAUSE_MS);
  }

  #read(event: string): void {
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (data === undefined) return;
    const notice = JSON.parse(data) as Notice;
    this.#last = String(notice.number);
    if (notice.type !== undefined) this.seen(notice);
  }
}
