import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { badField } from './problem.js';

export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;

/** Query DTO of a list that goes on by something else than a cursor. */
export class LimitQuery {
  @ApiPropertyOptional({ description: 'How many items to answer, 1 to 200', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, type: 'integer' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit: number = DEFAULT_LIMIT;
}

/** Query DTO of every list; a service's own query class extends it. */
export class PageQuery extends LimitQuery {
  @ApiPropertyOptional({ description: '`nextCursor` of the page before; leave out for the first page', type: String })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  cursor?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export type CursorPart = string | number | null;

/** A cursor is opaque to clients: the sort values of the last item, ending in its id so that the order is total. */
export const encodeCursor = (parts: readonly CursorPart[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

/** Forms a part of a cursor may be held to, so that a forged one is a 400 and not a database error. */
const FORMS = {
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  instant: /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/,
  number: /^\d{1,15}$/,
} as const;
export type CursorForm = keyof typeof FORMS;

/**
 * The parts of a cursor made by `encodeCursor` with as many parts; undefined when there is none; 400 when it is not one of
 * ours. `forms` names the parts that go into SQL as something narrower than text: `decodeCursor(cursor, 2, { 0: 'instant', 1: 'uuid' })`.
 */
export const decodeCursor = (cursor: string | undefined, parts: number, forms: Readonly<Record<number, CursorForm>> = {}): readonly CursorPart[] | undefined => {
  if (cursor === undefined || cursor === '') return undefined;
  const refuse = () => badField('cursor', 'is not a cursor of this list: use nextCursor of the page before, or leave it out');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw refuse();
  }
  const known = (part: unknown, i: number): part is CursorPart => {
    if (part === null) return true;
    if (typeof part !== 'string' && typeof part !== 'number') return false;
    const form = forms[i];
    return form ? FORMS[form].test(String(part)) : !String(part).includes('\u0000');
  };
  if (!Array.isArray(value) || value.length !== parts || !value.every(known)) throw refuse();
  return value as CursorPart[];
};

/** `[time, id]` of the last item on the page before, which most lists go on after. */
export type AfterMoment = readonly [at: string, id: string];

export const decodeMoment = (cursor: string | undefined): AfterMoment | undefined => {
  const [at, id] = decodeCursor(cursor, 2, { 0: 'instant', 1: 'uuid' }) ?? [];
  return at == null || id == null ? undefined : [String(at), String(id)];
};

/** Cuts rows that were read with `limit + 1` to a page. `sortOf` gives the sort values of a row, ending in its id. */
export const toPage = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  sortOf: (row: Row) => readonly CursorPart[],
  view: (row: Row) => Item,
): Page<Item> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(view), nextCursor: rows.length > limit && last !== undefined ? encodeCursor(sortOf(last)) : null };
};
