import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A migration is SQL, and goes forward only. */
export abstract class ForwardMigration implements MigrationInterface {
  /** A sentence and a time stamp in milliseconds, which is the order they run in. */
  abstract readonly name: string;
  /** Its first line says whether copies of the release before can go on beside it: `-- expand`, or `-- contract` when they cannot. */
  abstract readonly sql: string;

  async up(runner: QueryRunner): Promise<void> {
    if (!/^-- (expand|contract)\n/.test(this.sql)) throw new Error(`${this.name}: the first line has to be -- expand or -- contract`);
    await runner.query(this.sql);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
