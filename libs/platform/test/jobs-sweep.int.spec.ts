import { randomUUID } from 'node:crypto';
import { Refused } from '@throughline/kernel/refused';
import { fixedClock } from '@throughline/testing/fixed-clock';
import type { FixedClock } from '@throughline/testing/fixed-clock';
import { TestAlarms } from '@throughline/testing/test-alarms';
import { jobOfRecord } from '../src/jobs/job-parking.js';
import { jobId } from '../src/jobs/jobs.js';
import type { JobRequest } from '../src/persistence/unit.js';
import { jobsService } from './jobs-harness.js';
import type { JobsService } from './jobs-harness.js';

const HOUR = 3_600_000;

describe('job relay, sweep and runner', () => {
  let clock: FixedClock;
  let service: JobsService;
  let alarms: TestAlarms;

  beforeEach(async () => {
    clock = fixedClock('2026-03-01T12:00:00Z');
    service = await jobsService(clock);
    alarms = new TestAlarms(clock);
    await alarms.start(service.table, service.runner.wake, service.runner.exhausted);
  });

  afterEach(() => service.close());

  const job = (inMs: number): JobRequest => ({
    name: 'thing-due', rowId: randomUUID(), patientId: randomUUID(), dueAt: new Date(clock.now().getTime() + inMs),
  });
  const asked = async (): Promise<number> => (await service.query<{ n: number }>('select count(*)::int as n from job_request'))[0]?.n ?? -1;
  const parked = (): Promise<{ topic: string; record: string; reason: string; state: string; tries: number }[]> =>
    service.query('select topic, record, reason, state, tries from parked order by id');
  const rowIds = (): string[] => alarms.armed.map((one) => one.rowId);

  describe('the relay', () => {
    it('arms what was asked for and is due within a day, and leaves the rest to the sweep', async () => {
      const [soon, past, far] = [job(HOUR), job(-HOUR), job(30 * HOUR)];
      for (const one of [soon, past, far]) await service.add(one);
      expect(await service.relay(alarms).round()).toBe(3);
      expect(rowIds()).toEqual([past.rowId, soon.rowId]);
      expect(await asked()).toBe(0);

      clock.advance(7 * HOUR);
      await service.sweep(alarms).run();
      expect(rowIds()).toContain(far.rowId);
    });

    it('keeps the rows while the store is away', async () => {
      await service.add(job(HOUR));
      const relay = service.relay({ ...alarms, arm: () => Promise.reject(new Error('away')) } as never);
      await expect(relay.round()).rejects.toThrow('away');
      expect(await asked()).toBe(1);
      await service.relay(alarms).round();
      expect(rowIds()).toHaveLength(1);
    });

    it('asks for nothing when the transaction is rolled back', async () => {
      const twice = job(HOUR);
      await service.add(twice);
      await expect(service.add(twice)).rejects.toThrow();
      expect(await asked()).toBe(1);
    });

    it('is rung by the commit and goes on through failures', async () => {
      let away = true;
      const relay = service.relay({
        arm: (jobs: readonly JobRequest[]) => (away ? Promise.reject(new Error('away')) : alarms.arm(jobs)),
      } as never);
      relay.start();
      await service.add(job(HOUR));
      while (await asked() !== 1) await new Promise(setImmediate);
      away = false;
      while (rowIds().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await relay.stop();
      expect(await asked()).toBe(0);
    });
  });

  describe('the sweep', () => {
    it('runs what nobody woke, after the grace, and arms the rest', async () => {
      const [missed, fresh, soon] = [job(-20_000), job(-5_000), job(HOUR)];
      for (const one of [missed, fresh, soon]) await service.add(one, false);
      expect(await service.sweep(alarms).run()).toEqual({ armed: 3, repaired: 1 });
      expect(await service.query('select id from thing where woken = 1')).toEqual([{ id: missed.rowId }]);
      expect(await service.sweep(alarms).run()).toEqual({ armed: 2, repaired: 0 });
    });

    it('runs what is overdue even when nothing can be armed', async () => {
      await service.add(job(-HOUR), false);
      const sweep = service.sweep({ arm: () => Promise.reject(new Error('away')) } as never);
      expect(await sweep.run()).toEqual({ armed: 0, repaired: 1 });
    });

    it('that is stopped ends with the job in hand, and leaves the rest to the next', async () => {
      const [first, second, third] = [job(-HOUR), job(-HOUR / 2), job(-HOUR / 4)];
      for (const one of [first, second, third]) await service.add(one, false);
      const sweep = service.sweep(alarms);
      service.behave(() => Promise.resolve(void sweep.stop()));
      expect(await sweep.run()).toMatchObject({ repaired: 1 });
      expect(await service.query('select id from thing where woken = 1')).toEqual([{ id: first.rowId }]);
      expect(await service.sweep(alarms).run()).toMatchObject({ repaired: 2 });
    });

    it('is one at a time over all copies', async () => {
      await service.add(job(-HOUR), false);
      await service.dataSource.transaction(async (manager) => {
        await manager.query(`select pg_advisory_xact_lock(hashtextextended('throughline:care-plan:sweep', 0))`);
        expect(await service.sweep(alarms).run()).toEqual({ armed: 0, repaired: 0 });
      });
      expect(await service.sweep(alarms).run()).toEqual({ armed: 1, repaired: 1 });
    });

    it('parks after the attempts of the table, leaves the row alone, and takes it up again when that is discarded', async () => {
      const [bad, good] = [job(-HOUR), job(-HOUR / 2)];
      for (const one of [bad, good]) await service.add(one, false);
      let broken = true;
      service.behave((one) => (broken && one.rowId === bad.rowId ? Promise.reject(new Error('bug with CANARY')) : Promise.resolve()));
      const sweep = service.sweep({ arm: () => Promise.resolve() } as never);
      expect(await sweep.run()).toMatchObject({ repaired: 1 });
      for (let n = 0; n < 2; n += 1) expect(await sweep.run()).toMatchObject({ repaired: 0 });
      const rows = await parked();
      expect(rows).toMatchObject([{ topic: 'job:thing-due', state: 'parked', reason: 'Error', tries: 3 }]);
      expect(jobOfRecord(rows[0]?.record ?? '')).toEqual(bad);

      broken = false;
      expect(await sweep.run()).toEqual({ armed: 0, repaired: 0 });
      await service.query(`update parked set state = 'discarded'`);
      expect(await sweep.run()).toMatchObject({ repaired: 1 });
      expect(await service.open()).toBe(0);
    });

    it('parks a row whose handling ended the process three times, and does not die a fourth time', async () => {
      const poison = job(-HOUR);
      await service.add(poison, false);
      let runs = 0;
      service.behave(() => Promise.resolve(void (runs += 1)));
      // What three killed processes leave behind: tries begun and never ended.
      await service.query(`insert into attempt (topic, partition, log_offset, tries, failures) values ($1, 0, 0, 3, 0)`, [`job:${jobId(poison)}`]);
      expect(await service.sweep(alarms).run()).toMatchObject({ repaired: 0 });
      expect(runs).toBe(0);
      expect(await parked()).toMatchObject([{ state: 'parked', reason: 'The process died 3 times while it handled this job' }]);
      expect(await service.query('select * from attempt')).toEqual([]);
    });

    it('leaves no counts behind for rows that are no longer due', async () => {
      await service.query(`insert into attempt (topic, partition, log_offset, tries, failures) values ('job:gone', 0, 0, 1, 1), ('intake', 0, 7, 1, 0)`);
      await service.sweep(alarms).run();
      expect(await service.query('select topic from attempt')).toEqual([{ topic: 'intake' }]);
    });

    it('does not count what the surroundings caused', async () => {
      await service.add(job(-HOUR), false);
      let tries = 0;
      service.behave(() => (++tries <= 25 ? Promise.reject(Object.assign(new Error('away'), { code: '57P01' })) : Promise.resolve()));
      const sweep = service.sweep(alarms);
      for (let n = 0; n < 5; n += 1) expect(await sweep.run()).toMatchObject({ repaired: 0 });
      expect(await sweep.run()).toMatchObject({ repaired: 1 });
      expect(await parked()).toEqual([]);
    });

    it('is not starved by parked rows', async () => {
      for (let n = 0; n < 3; n += 1) {
        const one = job(-HOUR * 2);
        await service.add(one, false);
        await service.runner.exhausted(one, new Error('bug'));
        await service.runner.exhausted(one, new Error('again'));
      }
      expect(await parked()).toHaveLength(3);
      await service.add(job(-HOUR), false);
      expect(await service.sweep(alarms).run()).toEqual({ armed: 1, repaired: 1 });
    });
  });

  describe('the runner', () => {
    it('takes a refusal for an end, not for a failure', async () => {
      const one = job(-HOUR);
      await service.add(one, false);
      service.behave(() => Promise.reject(new Refused('not-open', 'The thing is closed.')));
      await expect(service.runner.wake(one)).resolves.toBeUndefined();
      expect(await service.open()).toBe(1);
    });

    it('has the same cause however often it is woken, so a second wake-up publishes nothing new', async () => {
      const one = job(-HOUR);
      await service.add(one, false);
      const causes: unknown[] = [];
      service.behave((_, tx) => Promise.resolve(void causes.push(tx.cause)));
      await service.runner.wake(one);
      await service.runner.wake(one);
      expect(causes[0]).toEqual(causes[1]);
      expect(causes[0]).toMatchObject({ actor: 'service:care-plan' });
    });

    it('parks nothing when the surroundings were the cause', async () => {
      await service.runner.exhausted(job(-HOUR), Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
      expect(await parked()).toEqual([]);
    });
  });

  it('plays weeks on the test clock: asked, armed by the sweep, woken on time, once', async () => {
    const later = [3, 10, 21].map((days) => job(days * 24 * HOUR));
    for (const one of later) await service.add(one);
    const relay = service.relay(alarms);
    const sweep = service.sweep(alarms);
    const at: Date[] = [];
    service.behave((_, tx) => Promise.resolve(void at.push(tx.now)));
    for (let day = 0; day < 22; day += 1) {
      await relay.round();
      await sweep.run();
      await alarms.advance(new Date(clock.now().getTime() + 24 * HOUR));
    }
    expect(at).toEqual(later.map((one) => one.dueAt));
    expect(await service.open()).toBe(0);
  });
});
