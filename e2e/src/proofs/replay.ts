import type { Service } from '@throughline/contracts/define-event';
import type { FiveServices } from './five-services.js';
import { changes, tableState, type Look } from './table-state.js';

export interface Replayed {
  /** Messages that were taken again. */
  readonly taken: number;
  /** Rows outside inbox and positions that came, went or were written again. */
  readonly changed: readonly string[];
  /** Ids of events that were not on the service's topic before. */
  readonly published: readonly string[];
}

/**
 * Has a service read a whole topic again: stopped, its positions of that topic at 0 and its inbox emptied, started. With
 * `versionCheck: false` it has also forgotten which version of each subject it applied last, which is what the check goes by.
 */
export const replayTopic = async (five: FiveServices, service: Service, topic: Service, { versionCheck = true } = {}): Promise<Replayed> => {
  await five.quiet();
  await five.halt(service);
  await five.rows(service, 'truncate inbox');
  await five.rows(service, 'update position set next_offset = 0, last_event_id = null where topic = $1', [topic]);
  if (!versionCheck) await five.rows(service, 'delete from applied where topic = $1', [topic]);
  return comparing(five, service, versionCheck ? {} : { leftOut: ['applied'] });
};

/** Has a service state all its current facts again: what that changes in the services that read its topic, and on the topic. */
export const restate = async (five: FiveServices, service: Service, readers: readonly Service[]): Promise<Replayed> => {
  await five.quiet();
  const look = { leftOut: ['stream'], writes: false };
  const states = () => Promise.all(readers.map((reader) => tableState(five, reader, look)));
  const [before, known] = [await states(), await five.published(service)];
  let taken = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { status, body } = await five.call<{ published: number; nextCursor: string | null }>(service, 'POST', '/facts/republish', 'operator', { body: cursor === undefined ? {} : { cursor } });
    if (status !== 200) throw new Error(`${service} answered ${status}`);
    taken += body.published;
    cursor = body.nextCursor;
  }
  await five.quiet();
  const after = await states();
  const published = [...(await five.published(service))].filter((id) => !known.has(id));
  return { taken, changed: readers.flatMap((_, i) => changes(before[i]!, after[i]!)), published };
};

/** What intake counts of its senders by the clock, whether it decides or not. */
const COUNTED = ['sender', 'sender_hour', 'sender_counted'];

/** Has intake decide again everything it ever accepted. Deciding writes what it decides, so the rows' values are compared. */
export const replayInbound = async (five: FiveServices): Promise<Replayed> => {
  await five.quiet();
  await five.halt('intake');
  await five.rows('intake', 'truncate inbox');
  await five.rows('intake', `update position set next_offset = 0, last_event_id = null where topic = 'inbound'`);
  return comparing(five, 'intake', { writes: false, leftOut: COUNTED });
};

/** Starts the stopped service and sees what becomes of its rows and its topic. */
const comparing = async (five: FiveServices, service: Service, look: Look): Promise<Replayed> => {
  const [before, known] = [await tableState(five, service, look), await five.published(service)];
  await five.start(service);
  await five.quiet();
  const after = await tableState(five, service, look);
  const [inbox] = await five.rows<{ n: number }>(service, 'select count(*)::int as n from inbox');
  const published = [...(await five.published(service))].filter((id) => !known.has(id));
  return { taken: inbox!.n, changed: changes(before, after), published };
};
