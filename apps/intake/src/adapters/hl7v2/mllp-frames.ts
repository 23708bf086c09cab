const START = 0x0b;
const END = 0x1c;
const CR = 0x0d;

export type Frame =
  | { readonly kind: 'message'; readonly bytes: Buffer }
  /** Larger than allowed; its end was found and skipped. `head` is how it began, enough to answer it. */
  | { readonly kind: 'oversized'; readonly head: Buffer };

const HEAD_BYTES = 4_096;

/**
 * Cuts a byte stream into MLLP frames (0x0B message 0x1C 0x0D), whatever pieces it arrives in. Bytes between frames are
 * skipped; a 0x1C that no 0x0D follows belongs to the message, and so does a start byte inside one (the parser refuses
 * such a message: it may be two). Never throws.
 */
export class FrameReader {
  #parts: Buffer[] = [];
  #size = 0;
  #inside = false;
  #endSeen = false;
  #head: Buffer | undefined;
  /** Bytes skipped between frames so far. */
  skipped = 0;

  constructor(private readonly limit: number) {}

  /** True between a frame's first and last byte. */
  get inside(): boolean {
    return this.#inside;
  }

  /** Bytes of the frame in hand, those of an oversized one included. */
  get size(): number {
    return this.#size;
  }

  push(chunk: Buffer): readonly Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (!this.#inside) {
        const start = chunk.indexOf(START, at);
        this.skipped += (start < 0 ? chunk.length : start) - at;
        if (start < 0) break;
        this.#begin();
        at = start + 1;
        continue;
      }
      at = this.#endSeen ? this.#afterEnd(chunk, at, frames) : this.#content(chunk, at);
    }
    return frames;
  }

  #begin(): void {
    this.#inside = true;
    this.#endSeen = false;
    this.#parts = [];
    this.#size = 0;
    this.#head = undefined;
  }

  /** Takes bytes up to the next 0x1C. */
  #content(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(END, at);
    this.#take(chunk.subarray(at, end < 0 ? chunk.length : end));
    if (end < 0) return chunk.length;
    this.#endSeen = true;
    return end + 1;
  }

  #afterEnd(chunk: Buffer, at: number, frames: Frame[]): number {
    this.#endSeen = false;
    if (chunk[at] !== CR) {
      this.#take(Buffer.of(END));
      return at;
    }
    this.#inside = false;
    frames.push(this.#head ? { kind: 'oversized', head: this.#head } : { kind: 'message', bytes: Buffer.concat(this.#parts) });
    this.#parts = [];
    return at + 1;
  }

  #take(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#head) return;
    this.#parts.push(bytes);
    if (this.#size <= this.limit) return;
    this.#head = Buffer.concat(this.#parts).subarray(0, HEAD_BYTES);
    this.#parts = [];
  }
}

/** A message in its frame. */
export const framed = (message: Buffer): Buffer => Buffer.concat([Buffer.of(START), message, Buffer.of(END, CR)]);
