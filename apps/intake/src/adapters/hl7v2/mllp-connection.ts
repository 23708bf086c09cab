import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { FrameReader, framed, type Frame } from './mllp-frames.js';
import type { Peer } from './sender-settings.js';

export interface ConnectionLimits {
  readonly maxFrameBytes: number;
  /** An open connection on which nothing happens. */
  readonly idleMs: number;
  /** A frame that has begun and of which no further byte comes. */
  readonly stallMs: number;
  /** From a frame's first byte to its last. */
  readonly frameMs: number;
}

/** The answer to a frame, or nothing when it is itself an answer. Never rejects. */
export type Answer = (frame: Frame, peer: Peer) => Promise<Buffer | undefined>;

/** A certificate counts only where its signer was checked. */
const peerOf = (socket: Socket): Peer => {
  const { authorized } = socket as TLSSocket;
  const certificate = authorized ? (socket as TLSSocket).getPeerCertificate() : undefined;
  const named = certificate?.subjectaltname?.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4)] : [])) ?? [];
  const common = certificate?.subject?.CN;
  return { address: socket.remoteAddress ?? '', names: [...(typeof common === 'string' ? [common] : []), ...named] };
};

/** Skipped so many bytes without seeing the start of a frame: whoever it is does not speak MLLP. */
const MOST_BYTES_OUTSIDE = 64 * 1024;
/** An oversized frame is read to its end so that it can be answered, but not for ever. */
const MOST_OVERSIZED = 16;

/**
 * One sender. One message in flight: frames are answered one after the other, in order, and nothing more is read from the
 * socket meanwhile. A sender that closes its side still gets the answers to what it sent.
 */
export class MllpConnection {
  readonly #reader: FrameReader;
  readonly #frames: Frame[] = [];
  readonly #peer: Peer;
  #busy: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #frameBegan = 0;
  #skipped = 0;
  #ended = false;
  #stopping = false;

  constructor(
    private readonly socket: Socket,
    private readonly limits: ConnectionLimits,
    private readonly answer: Answer,
    private readonly refused: (why: string) => void,
  ) {
    this.#reader = new FrameReader(limits.maxFrameBytes);
    this.#peer = peerOf(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('end', () => {
      this.#ended = true;
      if (!this.#busy) socket.end();
    });
    // A sender that resets the connection is its own affair; what it sent is stored or not, and it will send again.
    socket.on('error', () => undefined);
    socket.on('close', () => clearTimeout(this.#timer));
    this.#watch();
  }

  /** Takes nothing more, answers what has arrived whole, then closes. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.socket.pause();
    await this.#busy;
    this.socket.end();
    setTimeout(() => this.socket.destroy(), 1_000).unref();
  }

  #data(chunk: Buffer): void {
    if (this.#stopping) return;
    const was = this.#reader.inside;
    this.#frames.push(...this.#reader.push(chunk));
    if (this.#reader.inside && (!was || this.#frames.length > 0)) this.#frameBegan = performance.now();
    if (this.#frames.length > 0) this.#skipped = this.#reader.skipped;
    if (!this.#reader.inside && this.#reader.skipped - this.#skipped > MOST_BYTES_OUTSIDE) return this.#refuse('not-mllp');
    if (this.#reader.size > this.limits.maxFrameBytes * MOST_OVERSIZED) return this.#refuse('frame-without-end');
    this.#watch();
    if (this.#frames.length === 0 || this.#busy) return;
    this.socket.pause();
    this.#busy = this.#work().finally(() => this.#rest());
  }

  async #work(): Promise<void> {
    for (let frame = this.#frames.shift(); frame !== undefined; frame = this.#frames.shift()) {
      const reply = await this.answer(frame, this.#peer);
      if (reply && !(await this.#write(framed(reply)))) return;
    }
  }

  #rest(): void {
    this.#busy = undefined;
    if (this.#ended) this.socket.end();
    else if (!this.#stopping && !this.socket.destroyed) {
      this.socket.resume();
      this.#watch();
    }
  }

  /** Resolves when the bytes are handed to the kernel; a peer that does not read is given up. */
  #write(bytes: Buffer): Promise<boolean> {
    if (this.socket.destroyed || !this.socket.writable) return Promise.resolve(false);
    return new Promise((resolve) => {
      const late = setTimeout(() => this.#refuse('answer-not-read'), this.limits.stallMs);
      this.socket.write(bytes, (error) => {
        clearTimeout(late);
        resolve(!error);
      });
    });
  }

  /** Runs while we wait for the sender, never while the sender waits for us. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.socket.destroyed) return;
    const { idleMs, stallMs, frameMs } = this.limits;
    const inside = this.#reader.inside;
    const wait = inside ? Math.min(stallMs, Math.max(0, this.#frameBegan + frameMs - performance.now())) : idleMs;
    this.#timer = setTimeout(() => {
      if (this.#busy) return this.#watch();
      this.#refuse(inside ? 'frame-too-slow' : 'idle');
    }, wait);
    this.#timer.unref();
  }

  #refuse(why: string): void {
    this.refused(why);
    this.socket.destroy();
  }
}
