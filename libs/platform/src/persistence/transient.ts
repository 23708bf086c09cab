const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN']);

/** serialization, deadlock, lock not available, cancelled (statement_timeout), idle in transaction, transaction time-out. */
const STATES = new Set(['40001', '40P01', '55P03', '57014', '25P03', '25P04']);

/** 08 connection, 53 insufficient resources, 57P shutdown and start-up, 58 system error. */
const CLASSES = ['08', '53', '57P', '58'];

/** What node-postgres says without a code when a connection goes away. */
const LOST = /connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|was closed and is not queryable|connection ended|query read timeout/i;

const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
};

/** True when the connection itself is gone or in an unknown state. */
export const isConnectionLost = (error: unknown): boolean => {
  const code = codeOf(error);
  if (code !== undefined && (NETWORK.has(code) || code.startsWith('08') || code.startsWith('57P') || code === '25P03' || code === '25P04')) return true;
  return error instanceof Error && LOST.test(error.message);
};

/** True when the same work may well succeed a moment later: the cause lies in the surroundings, not in the message. */
export const isTransient = (error: unknown): boolean => {
  if (isConnectionLost(error)) return true;
  const code = codeOf(error);
  if (code !== undefined && (STATES.has(code) || CLASSES.some((prefix) => code.startsWith(prefix)))) return true;
  const inner = (error as { driverError?: unknown; cause?: unknown } | null)?.driverError ?? (error as { cause?: unknown } | null)?.cause;
  return inner !== undefined && inner !== error && isTransient(inner);
};
