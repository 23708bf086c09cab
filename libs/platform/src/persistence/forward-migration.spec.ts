import type { QueryRunner } from 'typeorm';
import { ForwardMigration } from './forward-migration.js';

class Made extends ForwardMigration {
  readonly name = 'Made1700000000000';
  constructor(readonly sql: string) {
    super();
  }
}

const run = async (sql: string): Promise<string[]> => {
  const ran: string[] = [];
  const runner = { query: async (text: string) => void ran.push(text) } as unknown as QueryRunner;
  await new Made(sql).up(runner);
  return ran;
};

describe('ForwardMigration', () => {
  it('runs its SQL', async () => {
    for (const marker of ['-- expand', '-- contract']) expect(await run(`${marker}\nselect 1`)).toEqual([`${marker}\nselect 1`]);
  });

  it('refuses SQL that does not say on its first line what it does to the release before', async () => {
    for (const sql of ['select 1', '\n-- expand\nselect 1', '-- expands\nselect 1', 'select 1; -- contract\n']) await expect(run(sql)).rejects.toThrow('Made1700000000000: the first line');
  });

  it('does not go back', async () => {
    await expect(new Made('-- expand\n').down()).rejects.toThrow('forward only');
  });
});
