import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { systemClock } from '@throughline/kernel/clock';
import { startRedis } from '@throughline/local-servers/redis';
import type { LocalRedis } from '@throughline/local-servers/redis';
import { freePort } from '@throughline/local-servers/ports';
import { TcpCut } from '@throughline/testing/tcp-cut';
import { createAlarms } from '../src/jobs/create-alarms.js';
import type { Alarms } from '../src/jobs/jobs.js';
import type { JobRequest } from '../src/persistence/unit.js';
import { jobsService, logger, until } from './jobs-harness.js';
import type { JobsService } from './jobs-harness.js';

const job = (inMs: number): JobRequest => ({
  name: 'thing-due', rowId: randomUUID(), patientId: randomUUID(), dueAt: new Date(Date.now() + inMs),
});

describe('jobs through outages', () => {
  let service: JobsService;
  let stops: (() => Promise<void>)[];

  beforeEach(async () => {
    service = await jobsService(systemClock);
    stops = [];
  });

  const stopAll = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };

  afterEach(async () => {
    await stopAll();
    await service.close();
  });

  /** Relay, sweep and worker of one copy, as a service runs them, only swept more often. */
  const run = async (alarms: Alarms): Promise<void> => {
    await alarms.start(service.table, service.runner.wake, service.runner.exhausted);
    const [relay, sweep] = [service.relay(alarms), service.sweep(alarms, 400, 200)];
    relay.start();
    sweep.start();
    stops.push(() => alarms.stop(), () => relay.stop(), () => sweep.stop());
  };
  const asked = async (): Promise<number> => (await service.query<{ n: number }>('select count(*)::int as n from job_request'))[0]?.n ?? -1;
  const woken = () => service.query<{ id: string; woken: number }>('select id, woken from thing where woken > 0');

  describe('of Redis', () => {
    let folder: string;
    let port: number;
    let redis: LocalRedis;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'jobs-redis-'));
      port = await freePort();
      redis = await startRedis({ folder, port });
    });

    afterEach(async () => {
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const alarmsOnRedis = (): Alarms =>
      createAlarms('care-plan', { jobs: { kind: 'redis', url: redis.url }, databaseUrl: service.databaseUrl }, { logger });

    const keys = async (): Promise<number> => {
      const client = new Redis(redis.url);
      const size = await client.dbsize();
      await client.quit();
      return size;
    };

    it('a flush makes late by a sweep at most and loses nothing', async () => {
      await run(alarmsOnRedis());
      const jobs = Array.from({ length: 20 }, (_, n) => job(1_500 + n * 50));
      for (const one of jobs) await service.add(one);
      await until(async () => (await asked()) === 0 && (await keys()) > 0);
      const client = new Redis(redis.url);
      await client.flushall();
      await client.quit();
      await until(async () => (await service.open()) === 0);
      expect((await woken()).map((row) => row.woken)).toEqual(jobs.map(() => 1));
      const [swept] = (await service.metrics.sweepLastSuccess.get()).values;
      expect(Math.abs(Date.now() / 1_000 - swept!.value)).toBeLessThan(30);
      await stopAll();
    });

    it('connections that die without a word are given up: alarms are armed over new ones', async () => {
      const wire = await TcpCut.to(port);
      await run(createAlarms('care-plan', { jobs: { kind: 'redis', url: `redis://127.0.0.1:${wire.port}/0` }, databaseUrl: service.databaseUrl }, { logger }));
      await service.add(job(60_000));
      await until(async () => (await asked()) === 0 && (await keys()) > 0);
      wire.kill();
      await service.add(job(60_000));
      await until(async () => (await asked()) === 0);
      await stopAll();
      wire.close();
    });

    it('a Redis killed and away is done without; back, alarms are armed again', async () => {
      const alarms = alarmsOnRedis();
      await run(alarms);
      await service.add(job(3_600_000));
      await until(async () => (await asked()) === 0);

      process.kill(redis.pid, 'SIGKILL');
      await redis.exited;
      const meanwhile = [job(300), job(400)];
      for (const one of meanwhile) await service.add(one);
      await until(async () => (await service.open()) === 1);
      expect(alarms.healthy()).toBe(false);
      expect(await asked()).toBe(2);

      redis = await startRedis({ folder, port });
      await until(async () => (await asked()) === 0 && alarms.healthy());
      const after = job(300);
      await service.add(after);
      await until(async () => (await service.open()) === 1);
      expect((await woken()).map((row) => row.woken)).toEqual([1, 1, 1]);
    });

    it('starts without its Redis, and stops without it', async () => {
      await redis.stop();
      const alarms = alarmsOnRedis();
      await run(alarms);
      await service.add(job(100));
      await until(async () => (await service.open()) === 0);
      expect(alarms.healthy()).toBe(false);
      await expect(alarms.arm([job(10)])).rejects.toThrow();
      redis = await startRedis({ folder, port });
      await until(async () => (await asked()) === 0);
      await until(() => alarms.healthy());
      await redis.stop();
      await until(() => !alarms.healthy());
    });
  });

  it('connections of PostgreSQL that are cut are made anew', async () => {
    const alarms = createAlarms('care-plan', { jobs: { kind: 'postgres' }, databaseUrl: service.databaseUrl }, { logger });
    await alarms.start(service.table, service.runner.wake, service.runner.exhausted);
    const relay = service.relay(alarms);
    relay.start();
    stops.push(() => alarms.stop(), () => relay.stop());
    await service.add(job(10));
    await until(async () => (await service.open()) === 0);
    const cut = await service.query<{ n: number }>(
      'select count(pg_terminate_backend(pid))::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    expect(cut[0]?.n).toBeGreaterThan(0);
    // No sweep here: only the alarm itself can wake it.
    await service.add(job(600));
    await until(async () => (await service.open()) === 0);
    expect(alarms.healthy()).toBe(true);
  });

  it('keeps to three connections', async () => {
    const alarms = createAlarms('care-plan', { jobs: { kind: 'postgres' }, databaseUrl: service.databaseUrl }, { logger });
    await alarms.start(service.table, service.runner.wake, service.runner.exhausted);
    stops.push(() => alarms.stop());
    const jobs = Array.from({ length: 300 }, () => job(0));
    await Promise.all([alarms.arm(jobs.slice(0, 150)), alarms.arm(jobs.slice(150))]);
    const [row] = await service.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name not like 'throughline-care-plan'`,
    );
    expect(row?.n).toBeLessThanOrEqual(3);
  });

  it('a job queue that was never migrated stops the start', async () => {
    await service.query('drop schema bullmq cascade');
    const alarms = createAlarms('care-plan', { jobs: { kind: 'postgres' }, databaseUrl: service.databaseUrl }, { logger });
    stops.push(() => alarms.stop());
    await expect(alarms.start(service.table, service.runner.wake, service.runner.exhausted)).rejects.toThrow(/migrat/i);
  });
});
