import type { System } from '@throughline/testing/system';
import pg from 'pg';

/** Events that were ever published, over all topics of the embedded bus. */
export const eventCount = async (system: System): Promise<number> => {
  const client = new pg.Client({ connectionString: system.instance()['databaseUrl'] as string });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: string }>('select sum(next_offset) as n from bus.partition');
    return Number(rows[0]!.n);
  } finally {
    await client.end();
  }
};
