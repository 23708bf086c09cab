import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromPeer, PeerOrder } from './peer-protocol.js';

/** Memory settings of the services' own processes. */
const EXEC_ARGV = ['--max-semi-space-size=32', '--disable-warning=TimeoutNegativeWarning'];

/** One process of a pipeline, as the driver holds it. One order at a time. */
export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #answer: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  #gone: string | undefined;

  constructor(
    program: 'floor' | 'naive',
    readonly name: string,
  ) {
    this.#child = fork(fileURLToPath(new URL(`${program}.js`, import.meta.url)), { execArgv: EXEC_ARGV });
    this.#child.on('message', (message: FromPeer) => {
      if ('error' in message) this.#settle()?.reject(new Error(`${name}: ${message.error}`));
      else this.#settle()?.resolve();
    });
    this.#exited = new Promise((resolve) => {
      this.#child.on('exit', (code, signal) => {
        this.#gone = `${name} ended (${signal ?? code})`;
        this.#settle()?.reject(new Error(this.#gone));
        resolve();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask(order: PeerOrder): Promise<void> {
    if (this.#gone !== undefined) return Promise.reject(new Error(this.#gone));
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
      this.#child.send(order);
    });
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }

  #settle() {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }
}
