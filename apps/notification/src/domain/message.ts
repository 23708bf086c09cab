import { assertNever } from '@throughline/kernel/assert-never';
import type { TaskFact } from './notice.js';

/** Why a team is written to. */
export type Reason = 'opened' | 'overdue' | 'escalated';

interface Planned {
  readonly id: string;
  readonly patientId: string;
  readonly kind: 'task' | 'digest';
  readonly reason: Reason;
  readonly task: TaskFact;
  readonly correlationId: string;
  readonly plannedAt: string;
  /** News this old is not sent any more: a server that comes back after days would send what nobody can use. */
  readonly expiresAt: string;
  /** Counts published events. */
  readonly version: number;
  /** Times a connection was opened for it. */
  readonly attempts: number;
}

interface Attempt {
  /** Names this attempt's owner; only it may settle the message. */
  readonly claim: string;
  /** Names the mail (its Message-ID): of one message its own id, of a digest an id made from all of them. */
  readonly envelopeId: string;
}

/**
 * An outbound e-mail. `sending` is committed before the connection opens; whoever finds it there after the lease has run
 * out does not know whether the server took it, so it becomes `unknown` and is never sent again by itself.
 */
export type Message = Planned &
  (
    | { readonly state: 'planned'; readonly dueAt: string }
    | ({ readonly state: 'sending'; readonly leaseUntil: string; readonly cancelled: boolean } & Attempt)
    | ({ readonly state: 'sent' | 'unknown'; readonly at: string } & Attempt)
    | ({ readonly state: 'failed'; readonly at: string; readonly why: string } & Partial<Attempt>)
    | { readonly state: 'cancelled'; readonly at: string; readonly why: string }
  );

export type Sending = Extract<Message, { state: 'sending' }>;

/** What the mail server said, or did not say. */
export type Outcome =
  | { readonly kind: 'accepted' }
  /** A final no (5xx), or an address that cannot be written to. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Not now: 4xx, or no connection. Nothing was handed over. */
  | { readonly kind: 'not-now'; readonly why: string }
  /** The connection broke after the text began to flow and before the server's word. */
  | { readonly kind: 'unknown' };

const MAX_ATTEMPTS = 12;
const plus = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();

/** 30 s, doubling, at most an hour: RFC 5321 4.5.4.1 asks for patience with a server that says "not now". */
const backoffMs = (attempts: number): number => Math.min(3_600_000, 30_000 * 2 ** (attempts - 1));

/** Takes a planned message for sending: its state is the answer to "has anybody cancelled it?", read under the person's lock. */
export const claimMessage = (message: Message, attempt: Attempt & { readonly leaseMs: number }, now: string): Message | undefined => {
  if (message.state !== 'planned' || message.dueAt > now) return undefined;
  const { dueAt: _dueAt, ...planned } = message;
  if (message.expiresAt <= now) return { ...planned, version: message.version + 1, state: 'failed', at: now, why: 'expired' };
  const { leaseMs, ...rest } = attempt;
  return { ...planned, attempts: message.attempts + 1, state: 'sending', leaseUntil: plus(now, leaseMs), cancelled: false, ...rest };
};

/** Nothing to say any more: what is not under way is cancelled; what is under way must not be tried again. */
export const cancelMessage = (message: Message, why: string, now: string): Message | undefined => {
  if (message.state === 'planned') {
    const { dueAt: _dueAt, ...planned } = message;
    return { ...planned, state: 'cancelled', at: now, why };
  }
  return message.state === 'sending' && !message.cancelled ? { ...message, cancelled: true } : undefined;
};

/** Records what became of an attempt. The attempt's own word still counts after its lease has run out: better known than unknown. */
export const settleMessage = (message: Message, claim: string, outcome: Outcome, now: string): Message | undefined => {
  if ((message.state !== 'sending' && message.state !== 'unknown') || message.claim !== claim) return undefined;
  if (message.state === 'unknown' && outcome.kind !== 'accepted' && outcome.kind !== 'refused') return undefined;
  const { id, patientId, kind, reason, task, correlationId, plannedAt, expiresAt, version, attempts, envelopeId } = message;
  const planned: Planned = { id, patientId, kind, reason, task, correlationId, plannedAt, expiresAt, version, attempts };
  const settled = { ...planned, version: version + 1, claim, envelopeId, at: now };
  switch (outcome.kind) {
    case 'accepted':
      return { ...settled, state: 'sent' };
    case 'refused':
      return { ...settled, state: 'failed', why: outcome.why };
    case 'unknown':
      return { ...settled, state: 'unknown' };
    case 'not-now':
      if (message.state === 'sending' && message.cancelled) return { ...planned, state: 'cancelled', at: now, why: 'task-ended' };
      if (attempts >= MAX_ATTEMPTS) return { ...settled, state: 'failed', why: outcome.why };
      return { ...planned, state: 'planned', dueAt: plus(now, backoffMs(attempts)) };
    default:
      return assertNever(outcome);
  }
};

/** Found in `sending` after its lease: the sender died, or cannot tell. */
export const expireLease = (message: Message, now: string): Message | undefined =>
  message.state === 'sending' && message.leaseUntil <= now ? settleMessage(message, message.claim, { kind: 'unknown' }, now) : undefined;
