import { setTimeout as delay } from 'node:timers/promises';
import { createDataSource } from '@throughline/platform/persistence/database';
import { testDatabase, type TestDatabase } from '@throughline/testing/test-database';
import { GroupCommit, type Share } from '../src/adapters/postgres/group-commit.js';

interface Numbered extends Share {
  readonly n: number;
}

describe('what shares a transaction', () => {
  let database: TestDatabase;
  let dataSource: ReturnType<typeof createDataSource>;
  beforeAll(async () => {
    database = await testDatabase();
    dataSource = await createDataSource({ url: database.url, service: 'intake' }).initialize();
  });
  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  /** Answers each with its number. */
  const grouped = () => {
    const group = new GroupCommit<Numbered>(dataSource, (_sql, shares) => Promise.resolve(new Map(shares.map((share) => [share, { value: share.n }]))), () => undefined);
    const join = (n: number): Promise<unknown> => new Promise((resolve) => group.join({ n, bytes: 1, settle: resolve }));
    return { group, join };
  };

  it('answers whoever joins the moment that another is answered', async () => {
    const { group, join } = grouped();
    for (const turns of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
      await join(1);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      expect(await Promise.race([join(2), delay(5_000, 'nobody answered', { ref: false })])).toEqual({ value: 2 });
    }
    await group.idle();
  });
});
