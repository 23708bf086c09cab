import { prune } from '../../src/runner/prune.js';
import { toyDatabase } from '../toy/toy-service.js';
import type { ToyDatabase } from '../toy/toy-service.js';

describe('what a service forgets', () => {
  let toy: ToyDatabase;
  const NOW = new Date('2026-06-01T12:00:00Z');
  beforeAll(async () => {
    toy = await toyDatabase(2);
  });
  afterAll(() => toy.drop());

  it('tries of messages that were settled, and no others', async () => {
    await toy.rows(`insert into position (topic, partition, next_offset) values ('intake', 0, 10), ('intake', 1, 3)`);
    await toy.rows(`insert into attempt (topic, partition, log_offset, tries, failures)
      values ('intake', 0, 9, 1, 0), ('intake', 0, 10, 2, 1), ('intake', 1, 9, 1, 0), ('job:send_1', 0, 0, 1, 0)`);
    await prune(toy.dataSource, NOW);
    expect(await toy.rows('select topic, partition, log_offset::int as log_offset from attempt order by 1, 2')).toEqual([
      { topic: 'intake', partition: 0, log_offset: 10 },
      { topic: 'intake', partition: 1, log_offset: 9 },
      { topic: 'job:send_1', partition: 0, log_offset: 0 },
    ]);
  });
});
