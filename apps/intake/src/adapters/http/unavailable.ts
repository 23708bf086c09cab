import { Problem } from '@throughline/platform/http/problem';

/** Nothing of the request is on disk. */
export const unavailable = (): Problem =>
  new Problem(503, 'not-stored', 'Not stored', 'The message could not be stored. Send it again, with the same Idempotency-Key.', undefined, { 'retry-after': '1' });
