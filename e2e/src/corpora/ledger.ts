import type { System } from '@throughline/testing/system';

export interface LedgerRow {
  readonly id: string;
  readonly kind: string;
  readonly outcome: string;
  readonly reason?: string | null;
  readonly trigger?: string | null;
}

/** Everything a list answers, page by page. */
export const everything = async <T>(system: System, path: string, role: 'operator' | 'coordinator', cursor: 'after' | 'cursor'): Promise<readonly T[]> => {
  const items: T[] = [];
  for (let next = ''; ; ) {
    const page = await system.get<{ items: T[]; nextCursor: string | null }>(`${path}${path.includes('?') ? '&' : '?'}limit=200${next && `&${cursor}=${encodeURIComponent(next)}`}`, role);
    items.push(...page.items);
    if (!page.nextCursor) return items;
    next = page.nextCursor;
  }
};

/** What became of every message. */
export const ledgerOf = async (system: System): Promise<readonly LedgerRow[]> =>
  (await everything<LedgerRow>(system, '/api/intake/ledger', 'operator', 'after')).filter((row) => row.kind === 'inbound');
