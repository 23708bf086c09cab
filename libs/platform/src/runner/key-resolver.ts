import type { BusRecord } from '../bus/bus.js';
import type { Sql } from '../persistence/sql.js';
import { isUuid } from './message.js';

/**
 * Whose a record is: the streams to lock for it (aliases are added by the platform) and the keys it is parked under. Asked
 * before the locks and again after them; when the answer changed, the batch begins anew. Null: no readable key, the record
 * is parked alone. Empty: it concerns no patient, and is handled without a lock.
 */
export interface KeyResolver {
  /** One answer per record, in their order. Patient ids, lower case. At most one query for all of them. */
  keysOf(records: readonly BusRecord[], sql: Sql): Promise<readonly (readonly string[] | null)[]>;
}

/** Two ids are said to name one person: both streams are locked for it. */
const MERGED = 'care.patients.merged.v1';

const survivorIn = (value: string | null): string | undefined => {
  try {
    const { survivorId } = JSON.parse(value ?? 'null') as { survivorId?: unknown };
    return typeof survivorId === 'string' && isUuid(survivorId) ? survivorId : undefined;
  } catch {
    return undefined;
  }
};

/** Of one record of a topic of the bus. */
export const keysOfRecord = ({ key, headers, value }: BusRecord): readonly string[] | null => {
  if (!isUuid(key)) return null;
  const survivor = headers['ce_type'] === MERGED ? survivorIn(value) : undefined;
  return survivor === undefined || survivor === key ? [key] : [key, survivor];
};

/** Topics of the bus: the key of the message is the patient id. */
export const messageKey: KeyResolver = { keysOf: async (records) => records.map(keysOfRecord) };
