import type { Health } from '../telemetry/health.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Commands } from '../http/commands.js';
import type { Sql } from '../persistence/sql.js';
import type { Cause, Unit } from '../persistence/unit.js';
import type { Service } from '@throughline/contracts/define-event';
import type { Recovery } from '../recovery/recovery.js';
import type { Parking } from '../runner/parking.js';
import type { PositionMove, ResetTo } from '../runner/reset-positions.js';
import type { Ledgers } from './ledgers.js';
import type { PositionView } from './positions-view.js';
import type { Quiet } from './quiet.js';
import type { Republished, RepublishedUpTo } from './republish.js';

/** What the platform's own controllers show. */
export interface PlatformParts {
  readonly health: Health;
  readonly degraded: Health;
  readonly metrics: Metrics;
  readonly ledger: Ledgers;
  readonly quiet: () => Promise<Quiet>;
  readonly parking: Parking;
  readonly positions: () => Promise<readonly PositionView[]>;
  /** Topics whose positions an operator may move. */
  readonly topics: () => readonly string[];
  readonly resetPositions: (sql: Sql, topic: string, to: ResetTo, partition?: number) => Promise<readonly PositionMove[]>;
  /** Types of which current facts can be stated again. */
  readonly factTypes: readonly string[];
  readonly republish: (cause: Cause, type: string | undefined, after: RepublishedUpTo | undefined, limit: number) => Promise<Republished>;
  readonly recovery: Pick<Recovery<Service, unknown>, 'view' | 'begin' | 'losses'>;
  readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;
  /** Commands of operators, which change no patient's facts. */
  readonly commands: Commands<Unit>;
  /** Why nothing but health is served just now; undefined when all is. */
  readonly shut?: () => string | undefined;
  /** The service's OpenAPI document; made once the application stands. */
  readonly openApi: () => unknown;
}

export const PLATFORM = Symbol('throughline:platform');
