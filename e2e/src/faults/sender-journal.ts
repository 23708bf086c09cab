import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/**
 * The sender's own proof of what was accepted, in the form that `throughline check --journal` reads: a line is on the disk
 * before the next message goes out.
 */
export class SenderJournal {
  readonly #file: number;
  lines = 0;

  constructor(readonly path: string) {
    this.#file = openSync(path, 'a', 0o600);
  }

  accepted(message: string): void {
    const header = message.split('\r')[0]!.split('|');
    const line = { controlId: header[9], sender: `${header[2]}|${header[3]}`, hash: createHash('sha256').update(message).digest('hex'), at: new Date().toISOString() };
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
    fsyncSync(this.#file);
    this.lines += 1;
  }

  close(): void {
    closeSync(this.#file);
  }
}
