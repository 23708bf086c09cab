import { routeOf, type DataOf, type EventOf, type EventType } from '@throughline/contracts/flow';
import { eventId, idOf } from '@throughline/kernel/ids';

/** An event as its publisher states it: id and subject follow from the data, which has to be what the contract says. */
export const eventOf = <T extends EventType>(type: T, data: DataOf<T>, time = '2026-03-02T15:00:00.000Z'): EventOf<T> => {
  const { event } = routeOf(type)!;
  const subject = event.subject(data);
  return { id: eventId(type, subject, data.version), type, subject, time, correlationId: idOf('correlation', subject), data: event.data.parse(data) as DataOf<T> };
};
