import { connect, type Socket } from 'node:net';

export interface LaneAnswer {
  readonly status: number;
  readonly body: string;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** Reads one answer off the front of the bytes; undefined while it is not whole. */
const readAnswer = (bytes: Buffer): (LaneAnswer & { readonly length: number }) | undefined => {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const from = end + HEAD_END.length;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const to = from + Number(length);
    return bytes.length < to ? undefined : { status, body: bytes.toString('utf8', from, to), length: to };
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, body: '', length: from };
  const last = bytes.indexOf('0\r\n\r\n', from);
  return last < 0 ? undefined : { status, body: bytes.toString('utf8', from, last), length: last + 5 };
};

/** One connection that is kept open; one request at a time. */
class Lane {
  #socket: Socket | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #waiting: { resolve: (answer: LaneAnswer) => void; reject: (error: Error) => void } | undefined;

  constructor(private readonly url: URL) {}

  send(request: string): Promise<LaneAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket ??= this.#open();
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect({ host: this.url.hostname, port: Number(this.url.port), noDelay: true });
    this.#bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#waiting?.reject(new Error('The connection closed before the answer'));
      this.#waiting = undefined;
    });
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
      const answer = readAnswer(this.#bytes);
      if (!answer) return;
      this.#bytes = this.#bytes.subarray(answer.length);
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.resolve(answer);
    });
    return socket;
  }
}

/**
 * A frugal HTTP client, since what the generator burns is missing on the other side: whoever finds no free connection
 * waits for one.
 */
export class HttpLanes {
  readonly #free: Lane[];
  readonly #all: readonly Lane[];
  readonly #queue: ((lane: Lane) => void)[] = [];

  constructor(
    private readonly url: URL,
    private readonly token: string,
    size: number,
  ) {
    this.#all = Array.from({ length: size }, () => new Lane(url));
    this.#free = [...this.#all];
  }

  /** A broken connection is tried once more, as any sender would: the key makes that harmless. */
  async post(path: string, key: string, body: string): Promise<LaneAnswer> {
    const request =
      `POST ${path} HTTP/1.1\r\nhost: ${this.url.host}\r\nauthorization: Bearer ${this.token}\r\nidempotency-key: ${key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    const lane = this.#free.pop() ?? (await new Promise<Lane>((resolve) => this.#queue.push(resolve)));
    try {
      return await lane.send(request).catch(() => lane.send(request));
    } finally {
      const next = this.#queue.shift();
      if (next) next(lane);
      else this.#free.push(lane);
    }
  }

  close(): void {
    for (const lane of this.#all) lane.close();
  }
}
