import { randomUUID } from 'node:crypto';
import type { Cell, Column } from './work.js';

/** Where a copied value would break an index, or would make it smaller than real rows do: ids are all different. */
export const needsFresh = ({ unique, indexed, type }: Column): boolean => unique || (indexed && type === 'uuid');

/** Values that no row has yet, of the size of the one they replace. */
export class FreshValues {
  constructor(
    private counter = 0,
    private readonly uuid: () => string = randomUUID,
  ) {}

  /** Of a type it cannot count in, the value stays. */
  like(type: string, value: Cell): Cell {
    if (value === null) return null;
    if (type === 'uuid') return this.uuid();
    this.counter += 1;
    if (type === 'bigint' || type === 'integer') return String(this.counter);
    if (type === 'text' || type.startsWith('character varying')) return this.counter.toString(36).padStart(value.length, '0');
    return value;
  }
}
