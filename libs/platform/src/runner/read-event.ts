import { consumedBy, publishedBy, routeOf } from '@throughline/contracts/flow';
import type { Service } from '@throughline/contracts/define-event';
import { isUuid, Unreadable } from './message.js';
import type { ReadRecord } from './message.js';

const parsed = (value: string | null, raw: string | undefined): unknown => {
  if (raw !== undefined) throw new Unreadable('undecodable', 'The value is not UTF-8');
  if (value === null) throw new Unreadable('undecodable', 'The value is empty');
  try {
    return JSON.parse(value);
  } catch {
    throw new Unreadable('undecodable', 'The value is not JSON');
  }
};

/**
 * CloudEvents in binary mode, as `flow.ts` routes them to the service; the payload is an `EventOf`. Types routed elsewhere,
 * or not known yet (a newer version published beside the old), are passed over before their value is looked at.
 */
export const readEventsOf = (service: Service): ReadRecord => readEvents(service, consumedBy(service));

/** Its own, as it said them. */
export const readOwnEventsOf = (service: Service): ReadRecord => readEvents(service, publishedBy(service));

const readEvents = (service: Service, types: readonly string[]): ReadRecord => {
  const wanted = new Set(types);
  return ({ headers, key, value, raw, at }) => {
    const type = headers['ce_type'];
    if (type === undefined) throw new Unreadable('undecodable', 'No ce_type');
    if (!wanted.has(type)) return undefined;
    const id = headers['ce_id'];
    if (!isUuid(id)) throw new Unreadable('undecodable', 'ce_id is not a UUID');
    const event = routeOf(type)!.event;
    const checked = event.data.safeParse(parsed(value, raw));
    if (!checked.success) {
      throw new Unreadable('invalid', checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.code}`).join('; '));
    }
    const data = checked.data as { patientId: string; version: number };
    if (key !== null && data.patientId !== key) throw new Unreadable('invalid', 'The key is not the patientId of the data');
    const subject = event.subject(data);
    const correlationId = headers['ce_correlationid'] ?? id;
    const traceparent = headers['ce_traceparent'];
    return {
      id,
      type,
      subject,
      version: data.version,
      cause: { correlationId, causationId: id, actor: `service:${service}`, ...(traceparent === undefined ? {} : { traceparent }) },
      payload: { id, type, subject, time: headers['ce_time'] ?? at.toISOString(), correlationId, data },
    };
  };
};
