import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cut, FromLoad, Order, Progress, ResultOf } from './load-protocol.js';

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** The load generator as the driver holds it. One order at a time. */
export class LoadProcess {
  readonly #child: ChildProcess;
  #answer: Waiting | undefined;
  progress: Progress = { offered: 0, accepted: 0, done: 0, failed: 0 };

  constructor() {
    this.#child = fork(fileURLToPath(new URL('load.js', import.meta.url)), { execArgv: [] });
    this.#child.on('message', (message: FromLoad) => {
      if ('progress' in message) this.progress = message.progress;
      else if ('error' in message) this.#settle()?.reject(new Error(message.error));
      else this.#settle()?.resolve(message.result as never);
    });
    this.#child.on('exit', (code, signal) => this.#settle()?.reject(new Error(`The load generator ended (${signal ?? code})`)));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask<O extends Order>(order: O): Promise<ResultOf[O['do']]> {
    return new Promise<ResultOf[O['do']]>((resolve, reject) => {
      this.#answer = { resolve, reject };
      this.#child.send(order);
    });
  }

  cut(): void {
    this.#child.send({ cut: true } satisfies Cut);
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  #settle(): Waiting | undefined {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }
}
