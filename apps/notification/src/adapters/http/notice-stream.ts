import type { ServerResponse } from 'node:http';
import type { NumberedNotice } from '../../application/ports.js';
import type { NoticeFeed } from './notice-feed.js';
import type { NoticeSpans } from './notice-spans.js';

export interface StreamOptions {
  readonly feed: NoticeFeed;
  readonly response: ServerResponse;
  /** Number of the last notice the client has. */
  readonly after: number;
  readonly heartbeatMs: number;
  /** The token was checked at the start only, so a stream ends after a while and its client comes back with a fresh one. */
  readonly lifetimeMs: number;
  /** Ends the stream: shutdown. */
  readonly signal: AbortSignal;
  /** Commits the audit rows for these patients, before anything of them is written. */
  readonly disclose: (patientIds: readonly string[]) => Promise<void>;
  /** Absent: no traces. */
  readonly spans?: NoticeSpans | undefined;
}

const BATCH = 200;
/** A client that takes nothing for so long is gone; it resumes where it was. */
const STUCK_MS = 30_000;
/** Patients remembered as disclosed to one connection: one audit row each, not one per notice. */
const REMEMBERED = 10_000;

/** One server-sent event. The fields are ids, codes, times and the step's label: no name. */
export const eventOf = ({ id: _id, traceparent: _traceparent, ...notice }: NumberedNotice): string => `id: ${notice.number}\ndata: ${JSON.stringify(notice)}\n\n`;

/** Writes notices to one client until it leaves, at the pace it reads: what it has not taken is not read from the table. */
export const streamNotices = async ({ feed, response, after, heartbeatMs, lifetimeMs, signal, disclose, spans }: StreamOptions): Promise<void> => {
  const over = Promise.withResolvers<void>();
  let closed = false;
  const close = (): void => {
    closed = true;
    over.resolve();
  };
  // A client may leave before the stream begins.
  if (response.destroyed || response.closed) close();
  response.once('close', close);
  response.once('error', close);
  signal.addEventListener('abort', close, { once: true });
  const lifetime = setTimeout(close, lifetimeMs);
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain && !closed) response.write(': heartbeat\n\n');
  }, heartbeatMs);

  const drained = async (): Promise<void> => {
    const drain = Promise.withResolvers<void>();
    const stuck = setTimeout(() => response.destroy(), STUCK_MS);
    response.once('drain', drain.resolve);
    await Promise.race([drain.promise, over.promise]);
    clearTimeout(stuck);
    response.off('drain', drain.resolve);
  };

  const disclosed = new Set<string>();
  let last = after;
  try {
    while (!closed && !signal.aborted) {
      const notices = await feed.after(last, BATCH);
      if (notices.length === 0) {
        await Promise.race([feed.changedAfter(last), over.promise]);
        continue;
      }
      const unseen = [...new Set(notices.map((notice) => notice.patientId))].filter((id) => !disclosed.has(id));
      if (unseen.length > 0) await disclose(unseen);
      if (disclosed.size > REMEMBERED) disclosed.clear();
      for (const id of unseen) disclosed.add(id);
      last = notices.at(-1)!.number;
      if (closed) break;
      const delivered = spans?.deliver(notices);
      if (!response.write(notices.map(eventOf).join(''))) await drained();
      delivered?.();
    }
  } finally {
    clearTimeout(lifetime);
    clearInterval(heartbeat);
    signal.removeEventListener('abort', close);
    response.end();
  }
};
