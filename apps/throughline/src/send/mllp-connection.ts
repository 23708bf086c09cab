import { connect, type Socket } from 'node:net';

/** The connection was refused, broke, or was closed by the peer before its answer was complete: sending again is safe. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** No answer in time. What became of the message is not known; sending it again is safe. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

interface Waiting {
  readonly done: (answer: Buffer) => void;
  readonly fail: (error: Error) => void;
}

const frame = (message: Buffer): Buffer => Buffer.concat([Buffer.of(0x0b), message, Buffer.of(0x1c, 0x0d)]);

/** One MLLP connection, one message in flight. Opens by itself at the next `send` after it broke. */
export class MllpConnection {
  #socket: Socket | undefined;
  #received: Buffer = Buffer.alloc(0);
  #opened = false;
  #waiting: Waiting | undefined;

  constructor(
    private readonly host: string,
    private readonly port: number,
    private readonly timeoutMs: number,
  ) {}

  /** Whether a peer was ever there. */
  get everOpened(): boolean {
    return this.#opened;
  }

  /** Answers the peer's message without its frame. Rejects with {@link Broken} or {@link Unanswered}. */
  async send(message: Buffer): Promise<Buffer> {
    const socket = this.#socket ?? (await this.#open());
    return new Promise((done, fail) => {
      const timer = setTimeout(() => this.#drop(new Unanswered(`no answer within ${this.timeoutMs / 1000} s`)), this.timeoutMs);
      this.#waiting = {
        done: (answer) => (clearTimeout(timer), done(answer)),
        fail: (error) => (clearTimeout(timer), fail(error)),
      };
      socket.write(frame(message));
    });
  }

  close(): void {
    this.#drop(new Broken('closed'));
  }

  #open(): Promise<Socket> {
    return new Promise((done, fail) => {
      const socket = connect({ host: this.host, port: this.port, noDelay: true });
      const early = (error: Error): void => (socket.destroy(), fail(new Broken(error.message)));
      const timer = setTimeout(() => early(new Error('the connection could not be made in 5 s')), 5_000);
      socket.once('error', early);
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.off('error', early);
        socket.on('error', (error) => this.#lost(socket, error.message));
        socket.on('close', () => this.#lost(socket, 'the peer closed the connection'));
        socket.on('data', (chunk) => this.#take(chunk));
        this.#socket = socket;
        this.#opened = true;
        this.#received = Buffer.alloc(0);
        done(socket);
      });
      socket.once('close', () => clearTimeout(timer));
    });
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const start = this.#received.indexOf(0x0b);
    const end = start === -1 ? -1 : this.#received.indexOf(0x1c, start);
    if (end === -1) return;
    const answer = this.#received.subarray(start + 1, end);
    this.#received = this.#received.subarray(end + 1);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.done(answer);
  }

  /** The close of an earlier socket says nothing about the present one. */
  #lost(socket: Socket, why: string): void {
    if (this.#socket === socket) this.#drop(new Broken(why));
  }

  #drop(error: Error): void {
    const [socket, waiting] = [this.#socket, this.#waiting];
    this.#socket = undefined;
    this.#waiting = undefined;
    socket?.destroy();
    waiting?.fail(error);
  }
}
