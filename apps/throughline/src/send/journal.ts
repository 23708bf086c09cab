import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Complaint } from '../home/home.js';

/** One positive answer, as the journal keeps it: proof on the sender's side of what was accepted. */
export interface JournalLine {
  readonly controlId: string;
  /** MSH-3|MSH-4. */
  readonly sender: string;
  /** SHA-256 of the message, hex. */
  readonly hash: string;
  /** When the answer came, ISO 8601. */
  readonly at: string;
}

/** Appends lines and has them on the disk before `write` returns: what is in it was accepted, whatever dies next. */
export class Journal {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a', 0o600);
  }

  write(line: JournalLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Reads a journal; a last line torn by a crash is left out. Throws a {@link Complaint} for anything else unreadable. */
export const readJournal = (path: string): JournalLine[] => {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line, at) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as JournalLine];
    } catch {
      if (at === lines.length - 1) return [];
      throw new Complaint(`Line ${at + 1} of the journal ${path} is not a JSON object.`);
    }
  });
};
