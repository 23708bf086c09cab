import { EmbeddedBus } from '@throughline/platform/bus/embedded-bus';
import { bootService, migrateService } from '@throughline/platform/service/boot';
import type { RunningService } from '@throughline/platform/service/boot-ports';
import { createLogger } from '@throughline/platform/telemetry/logger';
import { eventually } from '@throughline/testing/bus-recorder';
import { MllpClient } from '@throughline/testing/mllp-client';
import { freePort } from '@throughline/testing/system';
import { testDatabase, type TestDatabase } from '@throughline/testing/test-database';
import { testIssuer, type TestIssuer } from '@throughline/testing/test-issuer';
import pg from 'pg';
import { intake } from '../src/intake.module.js';

export interface Event {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly correlationId: string;
  readonly data: Record<string, unknown>;
}

export interface LedgerLine {
  readonly id: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly controlId: string;
  readonly trigger: string;
  readonly dischargeId: string | null;
  readonly dischargedAt: string | null;
  readonly timeSource: string | null;
  readonly followUp: string | null;
  readonly flags: readonly string[] | null;
}

/** Intake as it runs: its own database, the embedded bus, an issuer, a real MLLP port. */
export class RunningIntake {
  readonly #clients: MllpClient[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly issuer: TestIssuer,
    readonly bus: EmbeddedBus,
    readonly service: RunningService,
    readonly mllpPort: number,
    readonly sql: pg.Client,
  ) {}

  static async start(more: Record<string, string> = {}): Promise<RunningIntake> {
    const database = await testDatabase();
    const issuer = await testIssuer();
    const mllpPort = await freePort();
    const env = {
      THROUGHLINE_MODE: 'embedded', THROUGHLINE_DATABASE_URL: database.url, THROUGHLINE_BUS: 'embedded', THROUGHLINE_JOBS: 'postgres',
      THROUGHLINE_ISSUER: issuer.url, THROUGHLINE_HTTP_PORT: '0', THROUGHLINE_MLLP_PORT: String(mllpPort),
      THROUGHLINE_NAMESPACE_SECRET: 'a secret of the tests', ...more,
    };
    const logger = createLogger({ service: 'intake', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
    await migrateService(intake, env);
    const bus = await EmbeddedBus.open({ url: database.url, logger });
    await bus.ensureTopics(['intake']);
    const service = await bootService(intake, { env, bus, logger });
    const sql = new pg.Client({ connectionString: database.url, options: '-c search_path=intake' });
    await sql.connect();
    const running = new RunningIntake(database, issuer, bus, service, mllpPort, sql);
    await eventually(async () => (await service.ready()).ok, 'intake is ready');
    return running;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.socket.destroy();
    await this.service.stop();
    await this.bus.close();
    await this.sql.end();
    await this.issuer.stop();
    await this.database.drop();
  }

  async client(): Promise<MllpClient> {
    const client = await MllpClient.connect(this.mllpPort);
    this.#clients.push(client);
    return client;
  }

  async call<T = Record<string, unknown>>(method: string, path: string, options: { roles?: readonly string[]; body?: unknown; key?: string; raw?: string } = {}): Promise<{ status: number; body: T; headers: Headers }> {
    const response = await fetch(`${this.service.url}${path}`, {
      method,
      headers: {
        ...(options.roles ? { authorization: `Bearer ${await this.issuer.token({ roles: options.roles })}` } : {}),
        ...(options.body !== undefined || options.raw !== undefined ? { 'content-type': 'application/json' } : {}),
        ...(options.key ? { 'idempotency-key': options.key } : {}),
      },
      ...(options.raw !== undefined ? { body: options.raw } : options.body !== undefined ? { body: JSON.stringify(options.body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as T };
  }

  async ledger(): Promise<readonly LedgerLine[]> {
    const lines: LedgerLine[] = [];
    for (let after = ''; ; ) {
      const { body } = await this.call<{ items: LedgerLine[]; nextCursor: string | null }>('GET', `/api/intake/ledger?limit=200${after}`, { roles: ['operator'] });
      lines.push(...body.items);
      if (body.nextCursor === null) return lines;
      after = `&after=${encodeURIComponent(body.nextCursor)}`;
    }
  }

  /** Waits until everything accepted is decided and published. */
  async quiet(): Promise<void> {
    // Twice in a row: work may pass from one count to the next between two looks.
    let quiet = 0;
    await eventually(async () => {
      const { body } = await this.call<{ outbox: number; backlog: number }>('GET', '/api/intake/ledger/quiet', { roles: ['operator'] });
      quiet = body.outbox === 0 && body.backlog === 0 ? quiet + 1 : 0;
      return quiet === 2;
    }, 'intake is quiet');
  }

  async outcomeOf(controlId: string): Promise<LedgerLine> {
    await this.quiet();
    const line = (await this.ledger()).find((one) => one.controlId === controlId);
    if (!line) throw new Error(`No ledger line for ${controlId}`);
    return line;
  }

  /** `withdrawn (cancelled-before)` */
  async became(controlId: string): Promise<string> {
    const { outcome, reason } = await this.outcomeOf(controlId);
    return reason ? `${outcome} (${reason})` : outcome;
  }

  /** Everything published so far, in the order of each partition. */
  async events(): Promise<readonly Event[]> {
    await this.quiet();
    const events: Event[] = [];
    for (const { partition, low, high } of await this.bus.spans('intake'))
      for (let offset = low; offset < high; offset += 1) {
        const record = (await this.bus.recordAt('intake', partition, offset))!;
        events.push({
          id: record.headers['ce_id']!, type: record.headers['ce_type']!, subject: record.headers['ce_subject']!,
          correlationId: record.headers['ce_correlationid']!, data: JSON.parse(record.value!) as Record<string, unknown>,
        });
      }
    return events;
  }
}
