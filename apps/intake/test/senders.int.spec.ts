import { createDataSource, inTransaction, withConnection } from '@throughline/platform/persistence/database';
import { migrate } from '@throughline/platform/persistence/migrate';
import { createLogger } from '@throughline/platform/telemetry/logger';
import { createMetrics } from '@throughline/platform/telemetry/metrics';
import { FixedClock } from '@throughline/testing/fixed-clock';
import { standingGround, until, type Ground, type StandingService } from '@throughline/testing/standing-service';
import { testDatabase, type TestDatabase } from '@throughline/testing/test-database';
import type { DataSource } from 'typeorm';
import { CreateIntake1767225600001 } from '../src/adapters/postgres/migrations/create-intake.migration.js';
import { InboundReplayedAs1767225600021 } from '../src/adapters/postgres/migrations/inbound-replayed-as.migration.js';
import { Sender1767225600023 } from '../src/adapters/postgres/migrations/sender.migration.js';
import { SenderCounting } from '../src/adapters/postgres/sender-counting.js';
import { observeSenders } from '../src/adapters/postgres/sender-gauges.js';
import { PostgresSenderReads } from '../src/adapters/postgres/sender-reads.js';
import { senderState, type SenderSeen } from '../src/application/sender-reads.js';
import { intake } from '../src/intake.module.js';

/** Monday 6 April 2026, noon in New York. */
const NOW = '2026-04-06T16:00:00.000Z';
const RULES = { minimumMs: 15 * 60_000, zone: 'America/New_York' };
const HOUR = 3_600_000;

/** As receiving leaves it. `from`, `till`: when they came, one every so often. */
const CAME = `
  insert into inbound (id, received_at, protocol, sender, control_id, trigger, hash, raw, answer, said, reasons, arrivals, control_id_reused)
  select gen_random_uuid(), at, 'hl7v2', $1, 'c', 'ADT^A03', 'h', 'raw', $5, case when $5 = 'AA' then '{}'::jsonb end, case when $5 = 'AA' then null else '[]'::jsonb end, 1, false
  from generate_series($2::timestamptz, $3::timestamptz, $4::interval) at`;

describe('senders are counted', () => {
  let clock: FixedClock;
  let database: TestDatabase;
  let dataSource: DataSource;
  let reads: PostgresSenderReads;
  const sql = (text: string, params: readonly unknown[] = []) => withConnection(dataSource, (connection) => connection.query(text, params));
  const came = (sender: string, from: string, till: string, every: string, answer = 'AA') => sql(CAME, [sender, from, till, every, answer]);
  const counting = () => new SenderCounting({ inTransaction: (work) => inTransaction(dataSource, work), clock, logger: createLogger({ service: 'intake', level: 'silent' }) });
  const count = async (): Promise<number> => {
    let rounds = 1;
    for (const one = counting(); await one.round(); rounds += 1);
    return rounds;
  };
  const listed = async (): Promise<Record<string, SenderSeen & { state: string }>> => {
    const { at, senders } = await reads.list(undefined, 50, RULES.zone);
    return Object.fromEntries(senders.map((one) => [one.sender, { ...one, state: senderState(one, at!, RULES) }]));
  };
  const hours = () => sql('select hour, sender, aa, ae, ar, repeats, first_at, last_at, longest_gap_ms from sender_hour order by 1, 2');

  beforeEach(async () => {
    clock = new FixedClock(NOW);
    database = await testDatabase();
    await migrate({ url: database.url, service: 'intake', migrations: [CreateIntake1767225600001, InboundReplayedAs1767225600021, Sender1767225600023] });
    dataSource = createDataSource({ url: database.url, service: 'intake' });
    await dataSource.initialize();
    reads = new PostgresSenderReads((work) => withConnection(dataSource, work));
  });
  afterEach(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  it('by hour, by answer, and with the longest gap within the hour', async () => {
    await came('EHR|NORTH', '2026-04-06T14:05:00Z', '2026-04-06T14:25:00Z', '10 min');
    await came('EHR|NORTH', '2026-04-06T14:50:00Z', '2026-04-06T14:50:00Z', '1 min', 'AE');
    await came('LAB|NORTH', '2026-04-06T15:30:00Z', '2026-04-06T15:30:00Z', '1 min', 'AR');
    await count();
    expect(await hours()).toEqual([
      { hour: new Date('2026-04-06T14:00:00Z'), sender: 'EHR|NORTH', aa: 3, ae: 1, ar: 0, repeats: 0, first_at: new Date('2026-04-06T14:05:00Z'), last_at: new Date('2026-04-06T14:50:00Z'), longest_gap_ms: 25 * 60_000 },
      { hour: new Date('2026-04-06T15:00:00Z'), sender: 'LAB|NORTH', aa: 0, ae: 0, ar: 1, repeats: 0, first_at: new Date('2026-04-06T15:30:00Z'), last_at: new Date('2026-04-06T15:30:00Z'), longest_gap_ms: 0 },
    ]);
    expect(await listed()).toMatchObject({ 'EHR|NORTH': { state: 'new', today: { AA: 3, AE: 1 }, quarantined: 1 }, 'LAB|NORTH': { lastAt: new Date('2026-04-06T15:30:00Z'), quarantined: 1 } });
  });

  it('once each, however often and by however many copies, and a count that was broken off is made good', async () => {
    await came('EHR|NORTH', '2026-03-20T00:00:00Z', NOW, '7 min');
    const broken = new SenderCounting({
      inTransaction: (work) => inTransaction(dataSource, async (connection) => {
        await work(connection);
        throw new Error('the process dies');
      }),
      clock, logger: createLogger({ service: 'intake', level: 'silent' }),
    });
    await expect(broken.round()).rejects.toThrow('dies');
    expect(await hours()).toEqual([]);
    await Promise.all([count(), count()]);
    await count();
    const first = await hours();
    expect(first.reduce((sum, row) => sum + Number(row['aa']), 0)).toBe(Number((await sql('select count(*) as n from inbound'))[0]!['n']));
    await count();
    expect(await hours()).toEqual(first);
  });

  it('a long silence in the past costs no rounds, and a message that is committed late is counted', async () => {
    await came('EHR|NORTH', '2025-06-01T00:00:00Z', '2025-06-01T00:00:00Z', '1 min');
    expect(await count()).toBeLessThan(5);
    await came('EHR|NORTH', '2026-04-06T15:55:00Z', '2026-04-06T15:55:00Z', '1 min');
    await count();
    expect((await listed())['EHR|NORTH']).toMatchObject({ firstAt: new Date('2025-06-01T00:00:00Z'), lastAt: new Date('2026-04-06T15:55:00Z'), today: { AA: 1 } });
  });

  it('again, when messages come again or leave quarantine days later', async () => {
    await came('EHR|NORTH', '2026-04-02T10:00:00Z', '2026-04-02T10:02:00Z', '1 min', 'AE');
    await came('?', '2026-04-02T11:00:00Z', '2026-04-02T11:00:00Z', '1 min', 'AR');
    await count();
    expect(await listed()).toMatchObject({ 'EHR|NORTH': { week: { AA: 0, AE: 3, repeats: 0 }, quarantined: 3 }, '?': { week: { AR: 1 }, quarantined: 1 } });
    await sql(`update inbound set arrivals = 5, answer = 'AA', said = '{}', reasons = null where sender = 'EHR|NORTH'`);
    await sql(`update inbound set replayed_as = (select id from inbound where sender = 'EHR|NORTH' limit 1) where sender = '?'`);
    for (let minute = 0; minute < 167; minute += 1) {
      clock.advance(60_000);
      await count();
    }
    expect(await listed()).toMatchObject({ 'EHR|NORTH': { week: { AA: 3, AE: 0, repeats: 12 }, quarantined: 0 }, '?': { week: { AR: 0 }, quarantined: 0 } });
  });

  it('what is older than 400 days is forgotten', async () => {
    const old = new Date(clock.now().getTime() - 401 * 24 * HOUR).toISOString();
    await came('EHR|OLD', old, old, '1 min');
    await count();
    await sql(`insert into sender_hour values (date_trunc('hour', $1::timestamptz, 'UTC'), 'EHR|OLD', 1, 0, 0, 0, $1, $1, 0)`, [old]);
    await sql(`insert into sender (sender, first_at, last_at) values ('EHR|OLD', $1, $1)`, [old]);
    await count();
    expect([await hours(), await listed()]).toEqual([[], {}]);
  });

  it('by reading what can still change, and by an index: the history is left alone', async () => {
    await came('EHR|NORTH', '2026-04-01T00:00:00Z', NOW, '1 min');
    await sql('analyze inbound');
    await count();
    const looked: { seq: number; rows: number }[] = [];
    const watched = new SenderCounting({
      inTransaction: (work) => inTransaction(dataSource, async (connection) => {
        const look = async (): Promise<{ seq: number; rows: number }> => (await connection.query<{ seq: number; rows: number }>(`select seq_scan as seq, idx_tup_fetch as rows from pg_stat_xact_user_tables where relname = 'inbound'`))[0]!;
        const before = await look();
        const result = await work(connection);
        const after = await look();
        looked.push({ seq: after.seq - before.seq, rows: after.rows - before.rows });
        return result;
      }),
      clock, logger: createLogger({ service: 'intake', level: 'silent' }),
    });
    await watched.round();
    // The hour in hand, the one before, which has just ended, and one that is looked at again.
    expect(looked.map(({ seq }) => seq)).toEqual([0]);
    expect(looked[0]!.rows).toBeGreaterThan(2 * 60);
    expect(looked[0]!.rows).toBeLessThan(3 * 60);
  });

  it('and those that fell silent are a label of their own, strangers are none', async () => {
    const now = clock.now().getTime();
    const at = (ms: number) => new Date(now - ms).toISOString();
    await came('EHR|NORTH', at(9 * 24 * HOUR), at(HOUR), '5 min');
    await came('EHR|SOUTH', at(9 * 24 * HOUR), at(60_000), '5 min');
    await came('Doe^Jane|', at(HOUR), at(HOUR), '1 min');
    await came('NAMED|', at(2 * HOUR), at(2 * HOUR), '1 min', 'AR');
    const metrics = createMetrics('intake');
    let failing = false;
    observeSenders(metrics, reads, ['NAMED|'], RULES, () => failing);
    expect(await metrics.page()).not.toContain('sender_silent{');
    await count();
    const page = await metrics.page();
    expect(page).toContain('throughline_sender_silent{sender="EHR|NORTH",service="intake"} 1');
    expect(page).toContain('throughline_sender_silent{sender="EHR|SOUTH",service="intake"} 0');
    expect(page).toContain('throughline_sender_last_message_age_seconds{sender="EHR|NORTH",service="intake"} 3600');
    expect(page).toContain('throughline_sender_messages{sender="NAMED|",answer="AR",service="intake"} 1');
    expect(page).not.toContain('Doe');
    expect(page).toContain('throughline_scrape_failures_total{service="intake"} 0');
    failing = true;
    expect(await metrics.page()).toContain('throughline_scrape_failures_total{service="intake"} 1');
    failing = false;
    await came('EHR|NORTH', at(0), at(0), '1 min');
    await count();
    expect(await metrics.page()).toContain('throughline_sender_silent{sender="EHR|NORTH",service="intake"} 0');
  });
});

describe('GET /api/intake/senders', () => {
  const clock = new FixedClock(NOW);
  let ground: Ground;
  let service: StandingService;
  const start = () => ground.start(intake, { THROUGHLINE_JOBS: 'postgres', THROUGHLINE_MLLP_PORT: '0', THROUGHLINE_NAMESPACE_SECRET: 'a secret of the tests', THROUGHLINE_SENDER_SILENCE_MINUTES: '30' });
  const operator = { as: { sub: 'op', roles: ['operator'] } };

  beforeAll(async () => {
    ground = await standingGround(clock);
    service = await start();
    for (const [sender, till] of [['EHR|NORTH', '2026-04-06T15:29:00Z'], ['EHR|SOUTH', '2026-04-06T15:31:00Z']]) await service.rows(CAME, [sender, '2026-03-25T00:00:00Z', till, '1 min', 'AA']);
    // As in an installation that has been receiving since before senders were counted.
    await service.stop();
    await service.rows('truncate sender_counted, sender, sender_hour');
    service = await start();
  });
  afterAll(() => ground?.stop());

  it('says by name who sends, how it was answered, and since when who is silent', async () => {
    const page = await until('counted', async () => {
      const body = (await (await service.ask('/api/intake/senders?limit=1', operator)).json()) as { items: { sender: string }[]; nextCursor: string | null; countedAt: string | null };
      return body.countedAt === NOW && body.items.length > 0 && body;
    });
    expect(page.items).toEqual([
      {
        sender: 'EHR|NORTH', state: 'silent', firstMessageAt: '2026-03-25T00:00:00.000Z', lastMessageAt: '2026-04-06T15:29:00.000Z', silentSince: '2026-04-06T15:29:00.000Z',
        usualGapSeconds: 60, usualGapBy: 'overall', today: { AA: 11 * 60 + 30, AE: 0, AR: 0, repeats: 0 }, week: { AA: 7 * 1_440 - 30, AE: 0, AR: 0, repeats: 0 }, quarantined: 0,
      },
    ]);
    const next = (await (await service.ask(`/api/intake/senders?cursor=${page.nextCursor!}`, operator)).json()) as { items: object[]; nextCursor: string | null };
    expect(next).toMatchObject({ items: [{ sender: 'EHR|SOUTH', state: 'steady', silentSince: null }], nextCursor: null });
  });

  it('is for operators', async () => {
    expect((await service.ask('/api/intake/senders', { as: { sub: 'n', roles: ['nurse'] } })).status).toBe(403);
    expect((await service.ask('/api/intake/senders')).status).toBe(401);
  });
});
