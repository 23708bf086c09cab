import type { Clock } from '@throughline/kernel/clock';
import { inTransaction } from '@throughline/platform/persistence/database';
import type { Sql } from '@throughline/platform/persistence/sql';
import type { DataSource } from 'typeorm';
import type { Colleague, Colleagues } from '../../application/colleagues.js';

const DAY_MS = 86_400_000;
/** Whoever was not here for longer has left, as far as anybody can tell. */
const REMEMBERED_MS = 90 * DAY_MS;

const SEEN = `
  insert into colleague (sub, name, roles, seen_at) values ($1, $2, $3, $4)
  on conflict (sub) do update set name = excluded.name, roles = excluded.roles, seen_at = excluded.seen_at`;

export class PostgresColleagues implements Colleagues {
  /** What this process wrote of each: a list read every few seconds is one write a day. */
  readonly #written = new Map<string, string>();

  constructor(
    private readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async seen({ sub, name, roles }: Colleague): Promise<void> {
    const now = this.clock.now();
    const written = JSON.stringify([name, roles, Math.floor(now.getTime() / DAY_MS)]);
    if (this.#written.get(sub) === written) return;
    await inTransaction(this.dataSource, (sql) => sql.query(SEEN, [sub, name, JSON.stringify(roles), now]));
    this.#written.set(sub, written);
  }

  async find(sub: string): Promise<Colleague | undefined> {
    return (await this.#select('sub = $2', [sub]))[0];
  }

  list(after: readonly (string | number | null)[] | undefined, limit: number): Promise<readonly Colleague[]> {
    return this.#select(`${after ? '(name, sub) > ($2, $3)' : 'true'} order by name, sub limit ${limit}`, after ?? []);
  }

  #select(where: string, params: readonly unknown[]): Promise<Colleague[]> {
    const since = new Date(this.clock.now().getTime() - REMEMBERED_MS);
    return this.read((sql) => sql.query<Colleague>(`select sub, name, roles from colleague where seen_at > $1 and ${where}`, [since, ...params]));
  }
}
