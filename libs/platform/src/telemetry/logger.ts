import { pino } from 'pino';
import type { DestinationStream, Logger, LoggerOptions as PinoOptions } from 'pino';
import { currentCorrelation } from './correlation.js';
import { safeError } from './safe-error.js';

/**
 * The only fields a log line may have. What is not here is not written, so a forgotten body, name or identifier cannot leak.
 * Ids and codes only: strings are cut to what ids and codes look like.
 */
const FIELDS = new Set([
  'service', 'version', 'mode', 'correlationId', 'causationId', 'traceparent', 'eventId', 'commandId', 'inboundId', 'type', 'types',
  'topic', 'topics', 'partition', 'partitions', 'offset', 'offsets', 'group', 'clusterId', 'outcome', 'outcomes', 'reason', 'reasons', 'state',
  'job', 'jobId', 'rowId', 'dueAt', 'attempt', 'attempts', 'delayMs', 'count', 'armed', 'repaired', 'ms', 'size', 'bytes',
  'dischargeId', 'episodeId', 'taskId', 'reconciliationId', 'followUpId', 'parkedId', 'messageId', 'protocol', 'step',
  'sender', 'trigger', 'answer', 'repeat', 'method', 'route', 'status', 'role', 'actor', 'host', 'port', 'url', 'kind', 'name', 'signal',
  'check', 'ok', 'backlog', 'lag', 'lines', 'migrations', 'channel', 'context', 'broker', 'part', 'groupId', 'memberId', 'clientId',
  'retryCount', 'retryTime', 'position', 'log', 'failures', 'parked', 'waiting', 'messages', 'why', 'code',
]);

// No spaces, no `^`, `|`, `@` or `,`: a name, an HL7 segment or an address does not pass as an id or a code.
const CODE = /^[\w.:/+*#[\]{}-]{0,200}$/;

const safeValue = (value: unknown, depth: number): unknown => {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return CODE.test(value) ? value : '[withheld]';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return safeError(value);
  if (Array.isArray(value) && depth < 3) return value.slice(0, 50).map((item: unknown) => safeValue(item, depth + 1));
  if (typeof value === 'object' && depth < 3) return safeFields(value as Record<string, unknown>, depth + 1);
  return undefined;
};

const safeFields = (fields: Record<string, unknown>, depth = 0): Record<string, unknown> => {
  const safe: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'err' || name === 'error') safe['err'] = safeError(value);
    else if (FIELDS.has(name)) safe[name] = safeValue(value, depth);
  }
  return safe;
};

/** pino formats only the root's bindings; children are made from this object and so inherit the guard. */
const guardChildren = (logger: Logger): Logger => {
  // Called unbound on purpose: `this` is whichever logger the child is made of.
  const { child, setBindings } = logger as unknown as Record<'child' | 'setBindings', (this: unknown, ...args: unknown[]) => unknown>;
  return Object.assign(logger, {
    child(this: unknown, bindings: Record<string, unknown>, ...rest: unknown[]) {
      return child.call(this, safeFields(bindings), ...rest);
    },
    setBindings(this: unknown, bindings: Record<string, unknown>) {
      setBindings.call(this, safeFields(bindings));
    },
  });
};

export interface LoggerOptions {
  readonly service: string;
  /** pino's level names; default `info`. */
  readonly level?: string;
  /** Where lines go; default stdout. */
  readonly to?: DestinationStream;
}

/**
 * JSON lines in UTC, one per business fact. Fields outside the allow-list and errors' details are dropped; the line's text
 * must be a constant, since it is written as it is (arguments for `%s` are dropped).
 */
export const createLogger = ({ service, level = 'info', to }: LoggerOptions): Logger => {
  const options: PinoOptions<never> = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => ({ ...currentCorrelation() }),
    formatters: {
      level: (label) => ({ level: label }),
      bindings: (bindings) => safeFields(bindings),
      log: (fields) => safeFields(fields),
    },
    // safeFields has made it plain already; pino's own serializer would look for a message.
    serializers: { err: (value: unknown) => value },
    hooks: {
      logMethod(args, method) {
        const [first, second] = args as unknown[];
        // pino takes an error's message for the line's text when there is none.
        if (first instanceof Error) method.call(this, { err: first }, typeof second === 'string' ? second : 'error');
        else if (typeof first === 'object' && first !== null) method.call(this, first, typeof second === 'string' ? second : '');
        else method.call(this, String(first));
      },
    },
  };
  return guardChildren(to === undefined ? pino(options) : pino(options, to));
};
