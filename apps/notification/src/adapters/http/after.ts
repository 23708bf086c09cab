import { decodeCursor } from '@throughline/platform/http/paging';

/** `[time, id]` of the last item on the page before; 400 when the cursor is not one of ours. */
export const afterOf = (cursor: string | undefined): readonly [string, string] | undefined => {
  const [at, id] = decodeCursor(cursor, 2, { 0: 'instant', 1: 'uuid' }) ?? [];
  return at == null || id == null ? undefined : [String(at), String(id)];
};
