import type { System } from '@throughline/testing/system';
import type { Page } from '../stories/ward.js';

/** A line of a service's ledger: ids, states and times, no content. */
export interface Line {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly outcome: string;
  readonly at: string;
  readonly dischargeId?: string | null;
  readonly controlId?: string | null;
  readonly trigger?: string | null;
  readonly stepId?: string;
  readonly dueAt?: string;
  readonly type?: string;
  readonly taskId?: string;
  readonly number?: number;
}

export interface Reconciliation {
  readonly id: string;
  readonly dischargeId: string;
  readonly lineIds: readonly string[];
}

/** What the whole system says of itself, read through its public door. */
export interface Seen {
  readonly inbound: readonly Line[];
  readonly carePlan: readonly Line[];
  readonly reconciliations: readonly Line[];
  readonly followUps: readonly Line[];
  readonly notification: readonly Line[];
  readonly withLines: readonly Reconciliation[];
}

const all = async <T>(system: System, path: string, cursorName: string, as: 'operator' | 'coordinator'): Promise<T[]> => {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page<T> = await system.get<Page<T>>(`${path}?limit=200${cursor === '' ? '' : `&${cursorName}=${encodeURIComponent(cursor)}`}`, as);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
};

const ledger = (system: System, service: string): Promise<Line[]> => all<Line>(system, `/api/${service}/ledger`, 'after', 'operator');

export const readLedgers = async (system: System): Promise<Seen> => {
  const [inbound, carePlan, reconciliations, followUps, notification, withLines] = await Promise.all([
    ledger(system, 'intake'),
    ledger(system, 'care-plan'),
    ledger(system, 'medication-reconciliation'),
    ledger(system, 'scheduling'),
    ledger(system, 'notification'),
    all<Reconciliation>(system, '/api/medication-reconciliation/reconciliations', 'cursor', 'coordinator'),
  ]);
  return { inbound, carePlan, reconciliations, followUps, notification, withLines };
};

const SERVICES = ['intake', 'care-plan', 'medication-reconciliation', 'scheduling', 'notification'];

/** What is left to do or was set aside anywhere; one phrase each, none when the system is quiet. */
export const unquiet = async (system: System): Promise<readonly string[]> => {
  const found = await Promise.all(
    SERVICES.map(async (service) => {
      try {
        const quiet = await system.get<Record<string, number>>(`/api/${service}/ledger/quiet`, 'operator');
        return Object.entries(quiet).flatMap(([what, count]) => (count > 0 ? [`${service}: ${what} ${count}`] : []));
      } catch (error) {
        return [`${service}: ${error instanceof Error ? error.message.slice(0, 160) : String(error)}`];
      }
    }),
  );
  return found.flat();
};
