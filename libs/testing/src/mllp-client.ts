import { connect, type Socket } from 'node:net';

const START = 0x0b;
const END = 0x1c;
const CR = 0x0d;

export const mllpFrame = (message: string | Buffer): Buffer =>
  Buffer.concat([Buffer.of(START), typeof message === 'string' ? Buffer.from(message, 'utf8') : message, Buffer.of(END, CR)]);

export interface Acknowledgement {
  /** MSA-1: `AA`, `AE`, `AR`. */
  readonly code: string;
  /** MSA-2: the control id it answers. */
  readonly controlId: string;
  /** MSA-3 */
  readonly text: string;
  /** The whole answer, segments ended by CR. */
  readonly raw: string;
}

export const readAcknowledgement = (raw: string): Acknowledgement => {
  const msa = raw.split('\r').find((line) => line.startsWith('MSA'))?.split(raw[3] ?? '|') ?? [];
  return { code: msa[1] ?? '', controlId: msa[2] ?? '', text: msa[3] ?? '', raw };
};

/** A small MLLP sender: any number of messages in flight, answers in order. */
export class MllpClient {
  readonly #waiting: { resolve: (answer: Acknowledgement) => void; reject: (error: Error) => void }[] = [];
  #buffer = Buffer.alloc(0);
  /** Resolves when the connection is closed by either side. */
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        for (const one of this.#waiting.splice(0)) one.reject(new Error('The connection closed before the answer'));
        resolve();
      }),
    );
  }

  static async connect(port: number, host = '127.0.0.1'): Promise<MllpClient> {
    const socket = connect({ port, host, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new MllpClient(socket);
  }

  /** Sends and waits for the answer. */
  send(message: string | Buffer): Promise<Acknowledgement> {
    this.socket.write(mllpFrame(message));
    return this.answer();
  }

  /** Bytes as they are: broken frames, several at once. Pair it with `answer()`. */
  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** The next answer that nobody waits for yet. */
  answer(): Promise<Acknowledgement> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) reject(new Error('The connection is closed'));
      else this.#waiting.push({ resolve, reject });
    });
  }

  /** Ends our side and waits for the other. */
  async close(): Promise<void> {
    this.socket.end();
    const late = setTimeout(() => this.socket.destroy(), 2_000);
    await this.closed;
    clearTimeout(late);
  }

  #data(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (let end = this.#buffer.indexOf(END); end >= 0 && this.#buffer[end + 1] === CR; end = this.#buffer.indexOf(END)) {
      const raw = this.#buffer.subarray(this.#buffer.indexOf(START) + 1, end).toString('utf8');
      this.#buffer = this.#buffer.subarray(end + 2);
      this.#waiting.shift()?.resolve(readAcknowledgement(raw));
    }
  }
}
