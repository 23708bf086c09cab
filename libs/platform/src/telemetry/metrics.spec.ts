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
