import type { Service } from '@throughline/contracts/define-event';
import type { BusRecord } from '../bus/bus.js';
import type { Cause, Unit } from '../persistence/unit.js';

/** A record as a handler can use it. */
export interface Message {
  /** UUID. Claimed in the inbox, so that the same message has its effects once. */
  readonly id: string;
  readonly type: string;
  /** With a version: older and equal ones of the same topic and subject are skipped. */
  readonly subject?: string;
  readonly version?: number;
  readonly cause: Cause;
  readonly payload: unknown;
}

/** The record cannot be understood, and will not be next time either. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  /** `reason` is a code; `detail` names fields, never values. */
  constructor(
    readonly reason: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** Pure. Undefined: not for this service, passed over. Throws `Unreadable`. */
export type ReadRecord = (record: BusRecord) => Message | undefined;

/** Hands a message to its use-case. Throws what the use-case throws. */
export type Dispatch<S extends Service> = (message: Message, unit: Unit<S>) => Promise<void>;

export interface Incoming {
  readonly record: BusRecord;
  readonly read: Message | Unreadable | undefined;
}

/** Reads once, outside any transaction. */
export const incoming = (record: BusRecord, read: ReadRecord): Incoming => {
  try {
    return { record, read: read(record) };
  } catch (error) {
    if (error instanceof Unreadable) return { record, read: error };
    return { record, read: new Unreadable('undecodable', error instanceof Error ? error.name : 'unknown') };
  }
};

export const isUuid = (text: string | null | undefined): text is string =>
  typeof text === 'string' && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);
