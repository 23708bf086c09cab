/** An error whose message is written for the log: no patient data, no secrets. Other errors' messages are not logged. */
export class LoggableError extends Error {
  override readonly name: string = 'LoggableError';
  readonly loggable = true;
}

/** What the log keeps of an error. */
export interface SafeError {
  readonly name: string;
  readonly code?: string;
  readonly message?: string;
  /** Frames only: the first line of a stack repeats the message. */
  readonly stack?: string;
  readonly table?: string;
  readonly constraint?: string;
  readonly cause?: SafeError;
}

const word = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w.$-]{1,80}$/.test(value) ? value : undefined;

const framesOf = (stack: unknown): string | undefined => {
  if (typeof stack !== 'string') return undefined;
  const frames = stack.split('\n').filter((line) => /^\s+at .*(?::\d+\)?|\(native\)|<anonymous>\)?)$/.test(line));
  return frames.length === 0 ? undefined : frames.slice(0, 20).join('\n');
};

/**
 * A message is kept only where it cannot hold what a person or a message said: PostgreSQL quotes the value it could not
 * read, JSON.parse quotes the text, TypeORM repeats the parameters.
 */
const messageOf = (error: Error & { code?: unknown; loggable?: unknown }): string | undefined => {
  if (error.loggable === true || error.name === 'Refused') return error.message;
  if (typeof error.code === 'string' && /^E[A-Z_]{3,}$/.test(error.code)) return error.message.slice(0, 300);
  if (error.name.startsWith('KafkaJS')) return error.message.slice(0, 300);
  if (error instanceof TypeError || error instanceof ReferenceError) {
    return error.message.replaceAll(/(["'`]).*?\1/gs, '$1...$1').slice(0, 300);
  }
  return undefined;
};

/** Name, code and stack frames of whatever was thrown; driver parameters, details and unknown messages stay out. */
export const safeError = (thrown: unknown, depth = 0): SafeError => {
  if (!(thrown instanceof Error)) return { name: typeof thrown };
  const error = thrown as Error & Record<string, unknown>;
  const driver = error['driverError'];
  const inner = error.cause ?? (driver instanceof Error ? driver : undefined);
  return Object.fromEntries(
    Object.entries({
      name: word(error.name) ?? 'Error',
      code: word(error['code']),
      message: messageOf(error),
      table: word(error['table']),
      constraint: word(error['constraint']),
      stack: framesOf(error.stack),
      cause: inner === undefined || depth > 3 ? undefined : safeError(inner, depth + 1),
    }).filter(([, value]) => value !== undefined),
  ) as unknown as SafeError;
};
