import { setTimeout as delay } from 'node:timers/promises';
import { Health, livez } from './health.js';
import { createMetrics, observePool } from './metrics.js';

describe('metrics', () => {
  it('serves every instrument under the service name', async () => {
    const metrics = createMetrics('intake');
    metrics.handled.inc({ type: 'care.discharge.recorded.v1', outcome: 'applied' });
    observePool(metrics, { totalCount: 4, idleCount: 3, waitingCount: 0 });
    const page = await metrics.page();
    expect(page).toContain('throughline_handled_total{type="care.discharge.recorded.v1",outcome="applied",service="intake"} 1');
    expect(page).toContain('throughline_pg_pool_connections{state="idle",service="intake"} 3');
    for (const name of [
      'accepted_total', 'mllp_ack_seconds', 'outbox_rows', 'outbox_oldest_age_seconds', 'inbox_duplicates_total', 'batch_size', 'parked_messages',
      'consumer_lag', 'notification_total', 'sweep_repairs_total', 'http_request_seconds', 'eventloop_lag_seconds',
    ]) expect(page).toContain(`# TYPE throughline_${name} `);
  });

  it('says of the process what every client says, and forgets a stall once it was told', async () => {
    const metrics = createMetrics('intake');
    const value = async (line: string): Promise<number> => Number((await metrics.page()).split('\n').find((one) => one.startsWith(line))?.split(' ').at(-1));
    expect(await value('process_resident_memory_bytes{service="intake"}')).toBeGreaterThan(10_000_000);
    const before = await value('process_cpu_seconds_total{service="intake"}');
    await delay(100);
    for (const until = Date.now() + 300; Date.now() < until; );
    const used = (await value('process_cpu_seconds_total{service="intake"}')) - before;
    expect(used).toBeGreaterThan(0.05);
    expect(used).toBeLessThan(10);
    await delay(1_100);
    expect(await value('throughline_eventloop_lag_seconds{quantile="1"')).toBeGreaterThan(0.25);
    await delay(1_100);
    expect(await value('throughline_eventloop_lag_seconds{quantile="1"')).toBeLessThan(0.25);
  });

  it('keeps services apart and survives a reading that fails', async () => {
    const [one, other] = [createMetrics('intake'), createMetrics('care-plan')];
    one.outboxRows.set(7);
    one.onScrape(() => Promise.reject(new Error('database away')));
    expect(await one.page()).toContain('throughline_outbox_rows{service="intake"} 7');
    expect(await one.page()).toContain('throughline_scrape_failures_total{service="intake"} 2');
    expect(await other.page()).toContain('throughline_outbox_rows{service="care-plan"} 0');
  });
});

describe('health', () => {
  it('names what is wrong and never what a failing check said', async () => {
    const health = new Health();
    health.register('bus', () => null);
    const remove = health.register('database', () => 'no connection');
    health.register('jobs', () => Promise.reject(new Error('CANARY')));
    expect(await health.report()).toEqual({ ok: false, reasons: ['database: no connection', 'jobs: the check failed'] });
    remove();
    health.leave();
    expect(await health.report()).toEqual({ ok: false, reasons: ['the service is stopping', 'jobs: the check failed'] });
  });

  it('is alive whatever else is not', () => expect(livez()).toEqual({ ok: true, reasons: [] }));
});
