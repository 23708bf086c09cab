import { SERVICES, type Service } from '@throughline/contracts/define-event';
import { publishedBy } from '@throughline/contracts/flow';
import { fixedClock, type FixedClock } from '@throughline/testing/fixed-clock';
import { playDay } from './day.js';
import { READINGS, type FiveServices } from './five-services.js';
import { replayInbound, replayTopic, restate } from './replay.js';
import { services } from './services.js';

const factTypes = (service: Service): string[] => [...new Set(services[service].factTypes)];

/** Thursday 5 March 2026, 13:00 in New York. */
const NOON = '2026-03-05T18:00:00.000Z';

/** Reads every topic again in every service that reads it, after a day with cancels, corrections and completions. */
export const theReplay = (start: (clock: FixedClock) => Promise<FiveServices>): void => {
  let five: FiveServices;
  beforeAll(async () => {
    five = await start(fixedClock(NOON));
    await playDay(five);
  }, 600_000);
  afterAll(() => five?.stop(), 120_000);

  it('the day had everything in it that a replay could undo', async () => {
    const statuses = async (service: Service, table: string): Promise<readonly string[]> => (await five.rows<{ status: string }>(service, `select distinct status from ${table} order by 1`)).map(({ status }) => status);
    expect(await statuses('care-plan', 'task')).toEqual(expect.arrayContaining(['completed', 'open', 'overdue', 'withdrawn']));
    expect(await statuses('medication-reconciliation', 'reconciliation')).toEqual(expect.arrayContaining(['completed', 'open', 'withdrawn']));
    expect(await statuses('scheduling', 'follow_up')).toEqual(expect.arrayContaining(['booked', 'requested', 'withdrawn']));
    expect(five.mail.received.length).toBeGreaterThan(0);
  });

  it.each(READINGS)('%s reads %s again: no row outside inbox and positions changes, no event is published', async (service, topic) => {
    const { taken, changed, published } = await replayTopic(five, service, topic);
    expect(taken).toBeGreaterThan(0);
    expect(changed).toEqual([]);
    expect(published).toEqual([]);
  }, 300_000);

  it('intake decides every accepted message again: no row has another value, no event is published', async () => {
    const { taken, changed, published } = await replayInbound(five);
    expect(taken).toBeGreaterThan(30);
    expect(changed).toEqual([]);
    expect(published).toEqual([]);
  }, 300_000);

  it.each(SERVICES)('%s states its facts again: whoever heard them changes nothing', async (service) => {
    const readers = READINGS.filter(([, topic]) => topic === service).map(([reader]) => reader);
    const { taken, changed, published } = await restate(five, service, readers);
    expect(taken).toBeGreaterThan(0);
    expect(changed).toEqual([]);
    // A task's row does not keep by which verb its last version was told, so care-plan may tell it by another.
    if (service !== 'care-plan') expect(published).toEqual([]);
  }, 300_000);

  it('every event that a service publishes can be stated again', () => {
    for (const service of SERVICES) expect([service, factTypes(service).sort()]).toEqual([service, [...publishedBy(service)].sort()]);
  });

  // Last, because it spoils the data: older versions of a fact are taken for news, and the one comparison has to see it.
  it.each(READINGS)('and the comparison finds changes when %s reads %s without the version check', async (service, topic) => {
    const { changed, published } = await replayTopic(five, service, topic, { versionCheck: false });
    expect(changed.length + published.length).toBeGreaterThan(0);
  }, 300_000);
};
