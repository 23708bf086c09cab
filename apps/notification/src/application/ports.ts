import type { DataOf, Publishes } from '@throughline/contracts/flow';
import type { Kept } from '@throughline/kernel/kept';
import type { EmailPolicy } from '../domain/email-policy.js';
import type { Message } from '../domain/message.js';
import type { Notice } from '../domain/notice.js';

/** All that a use-case of this service can touch, inside one transaction that holds the person's stream. It cannot send. */
export interface Tx {
  readonly now: string;
  readonly email: EmailPolicy;
  /** Where the patient is and what they speak: no name, because nothing this service sends may say one. */
  keepPatient(patient: DataOf<'care.patient.recorded.v1'>): void;
  /** From now on the record goes by `survivorId`, or by its own id again. Answers ids of everybody whose facts are other ones by that. */
  nameAs(patientId: string, survivorId: string): readonly string[];
  readonly messages: Kept<Message>;
  readonly notices: {
    /** Gets its number as the transaction's last lock, so numbers become visible in order. A notice that is there is left alone. */
    append(notice: Notice): void;
  };
  publish(...events: readonly Publishes<'notification'>[]): void;
  alarm(name: 'send-message' | 'message-lease', message: Message, at: string): void;
  /** Knocks at the sender, which reads the rows for itself. */
  wakeSender(): void;
}

export interface MessageRef {
  readonly patientId: string;
  readonly id: string;
}

/** A message whose time has come, and whom it is for. */
export interface DueMessage extends MessageRef {
  readonly team: string;
  readonly correlationId: string;
  /** Where it was planned in a trace, if in one. */
  readonly traceparent: string | null;
}

export interface NumberedNotice extends Notice {
  readonly number: number;
  /** Where it was made in a trace, if in one; for our own traces, not for its readers. */
  readonly traceparent?: string;
}

/** Reads for screens, the stream and the sender, outside any use-case. */
export interface Reads {
  noticesAfter(number: number, limit: number): Promise<readonly NumberedNotice[]>;
  /** Number of the newest notice, 0 when there is none. */
  lastNumber(): Promise<number>;
  messages(state: string | undefined, after: readonly [string, string] | undefined, limit: number): Promise<readonly Message[]>;
  /** Planned messages of a kind whose time has come, oldest first. */
  dueMessages(kind: Message['kind'], now: string, limit: number): Promise<readonly DueMessage[]>;
}

export const READS = Symbol('notification:reads');
