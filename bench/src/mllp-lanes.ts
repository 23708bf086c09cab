import { MllpClient } from '@throughline/testing/mllp-client';

/** MLLP connections, one message in flight on each; whoever finds none free waits for one. */
export class MllpLanes {
  readonly #free: (MllpClient | undefined)[];
  readonly #queue: ((client: MllpClient | undefined) => void)[] = [];

  constructor(
    private readonly port: number,
    size: number,
  ) {
    this.#free = Array.from({ length: size }, () => undefined);
  }

  /** True when it was accepted. A broken connection is tried once more, on a new one. */
  async send(message: string): Promise<boolean> {
    let client = this.#free.length > 0 ? this.#free.pop() : await new Promise<MllpClient | undefined>((resolve) => this.#queue.push(resolve));
    try {
      for (let tries = 0; tries < 2; tries += 1) {
        try {
          client ??= await MllpClient.connect(this.port);
          return (await client.send(message)).code === 'AA';
        } catch {
          client?.socket.destroy();
          client = undefined;
        }
      }
      return false;
    } finally {
      const next = this.#queue.shift();
      if (next) next(client);
      else this.#free.push(client);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#free.splice(0).map((client) => client?.close()));
  }
}
