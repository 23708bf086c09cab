import { SERVICES, type Service } from '@throughline/contracts/define-event';
import { topicsReadBy } from '@throughline/contracts/flow';
import type { Bus, PartitionSpan } from '@throughline/platform/bus/bus';
import pg from 'pg';
import { between, readCounts, type RowCounts } from './row-counts.js';
import { columnsOf, sampleRows, type Sampled } from './table-columns.js';
import { topicWork } from './topic-samples.js';
import type { ServiceWork, TableWork, Work } from './work.js';

/** Where a pipeline keeps what it writes. */
export interface Place {
  readonly service: Service;
  readonly schema: string;
  readonly topic: string;
}

/** `prefix` is empty for Throughline itself. */
export const placesOf = (prefix: string): readonly Place[] =>
  SERVICES.map((service) => ({ service, schema: `${prefix ? `${prefix}_` : ''}${service.replaceAll('-', '_')}`, topic: `${prefix ? `${prefix}-` : ''}${service}` }));

const SAMPLES = 300;
/** A table that is written less often is not part of a discharge's work. */
const SELDOM = 0.02;

/** A moment from which on is counted what a pipeline writes. Sessions must have told what they counted, then and at the end. */
export class WorkMark {
  private constructor(
    private readonly databaseUrl: string,
    private readonly bus: Bus,
    private readonly places: readonly Place[],
    private readonly counts: RowCounts,
    private readonly spans: ReadonlyMap<string, readonly PartitionSpan[]>,
    private readonly transaction: string,
  ) {}

  static async set(databaseUrl: string, bus: Bus, places: readonly Place[]): Promise<WorkMark> {
    return connected(databaseUrl, async (client) => {
      const spans = new Map(await Promise.all(places.map(async ({ topic }) => [topic, await bus.spans(topic)] as const)));
      const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id');
      return new WorkMark(databaseUrl, bus, places, await readCounts(client), spans, rows[0]!.id);
    });
  }

  /** What each of so many discharges has cost since. `passing`: rows seen of tables where none stay. */
  async work(discharges: number, passing: ReadonlyMap<string, Sampled> = new Map()): Promise<Work> {
    return connected(this.databaseUrl, async (client) => {
      const written = between(this.counts, await readCounts(client));
      const work: ServiceWork[] = [];
      for (const { service, schema, topic } of this.places) {
        const tables: TableWork[] = [];
        for (const [name, counts] of written) {
          const [inserts, updates, deletes] = [counts.inserts / discharges, counts.updates / discharges, counts.deletes / discharges];
          if (!name.startsWith(`${schema}.`) || inserts + updates + deletes < SELDOM) continue;
          const table = name.slice(schema.length + 1);
          const columns = await columnsOf(client, schema, table);
          const stayed = await sampleRows(client, schema, table, columns, `where t.xmin::text::bigint >= ${this.transaction} order by random() limit ${SAMPLES}`);
          const { rowBytes, rows } = stayed.rows.length > 0 ? stayed : (passing.get(name) ?? stayed);
          if (rows.length === 0) throw new Error(`No row of ${name} was seen, though ${counts.inserts} were written: hold the rate for longer`);
          if (updates + deletes > 0 && !columns.some(({ key }) => key)) throw new Error(`${name} has no primary key to find a row by`);
          tables.push({ table, columns, inserts, updates, deletes, rowBytes, samples: rows });
        }
        work.push({ service, reads: topicsReadBy(service), tables, topic: await topicWork(this.bus, topic, this.spans.get(topic) ?? [], discharges) });
      }
      return work;
    });
  }
}

const connected = async <T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  return work(client).finally(() => client.end());
};
