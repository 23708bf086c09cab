import type { Query } from '@tanstack/react-query';

/** Who is signed in and who works here does not change with what anybody does, nor does a message that came in: each look at one is on record. */
const LASTING: readonly unknown[] = ['session', 'colleagues', 'message'];

/** What is read again after a change: one's own, or one that the live stream tells of. */
export const changes = { predicate: (query: Query) => !LASTING.includes(query.queryKey[0]) };
