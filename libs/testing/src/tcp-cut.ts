import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  /** Of a connection that has silently died: nothing passes any more, and nobody is told. */
  dead: boolean;
}

/**
 * A wire between a process and a server that can be cut: refused (nobody listens), reset (connections break with an error),
 * silent (bytes wait until it is healed, as on a network that repeats them), dead (the connections of now never carry
 * anything again, new ones do), slow.
 */
export class TcpCut {
  readonly #pairs = new Set<Pair>();
  #server: Server | undefined;
  #port = 0;
  #healed = Promise.resolve();
  #heal: () => void = () => undefined;
  #delayMs = 0;
  /** Connections that it has carried. */
  carried = 0;

  private constructor(private readonly to: number) {}

  static async to(port: number): Promise<TcpCut> {
    const cut = new TcpCut(port);
    await cut.#listen();
    return cut;
  }

  get port(): number {
    return this.#port;
  }

  /** Every connection breaks; new ones pass. */
  reset(): void {
    for (const { near, far } of this.#pairs) for (const socket of [near, far]) socket.resetAndDestroy();
  }

  /** Nobody listens, until `accept`. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
    this.reset();
  }

  accept(): Promise<void> {
    return this.#listen();
  }

  silence(): void {
    this.#healed = new Promise((heal) => (this.#heal = heal));
  }

  heal(): void {
    this.#heal();
  }

  kill(): void {
    for (const pair of this.#pairs) pair.dead = true;
  }

  slow(ms: number): void {
    this.#delayMs = ms;
  }

  close(): void {
    this.refuse();
    this.heal();
    for (const { near, far } of this.#pairs) for (const socket of [near, far]) socket.destroy();
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => this.#carry(near));
    server.on('error', () => undefined);
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as { port: number }).port;
    this.#server = server;
  }

  #carry(near: Socket): void {
    this.carried += 1;
    const far = connect({ port: this.to, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pair: Pair = { near, far, dead: false };
    this.#pairs.add(pair);
    this.#pass(pair, near, far);
    this.#pass(pair, far, near);
  }

  #pass(pair: Pair, from: Socket, to: Socket): void {
    const passable = async (): Promise<boolean> => {
      if (this.#delayMs > 0) await delay(this.#delayMs);
      await this.#healed;
      return !pair.dead;
    };
    let last: Promise<unknown> = Promise.resolve();
    const inOrder = (work: () => void): void => void (last = last.then(passable).then((passes) => passes && work()));
    from.on('data', (chunk: Buffer) => {
      from.pause();
      inOrder(() => {
        to.write(chunk);
        from.resume();
      });
    });
    from.on('end', () => inOrder(() => to.end()));
    from.on('error', () => undefined);
    // The other side hears of it when news can pass.
    from.on('close', () => {
      if (to.destroyed) this.#pairs.delete(pair);
      inOrder(() => to.destroy());
    });
  }
}
