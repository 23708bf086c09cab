import { FreshValues, needsFresh } from './fresh-values.js';
import type { Cell, Column, TableWork } from './work.js';

/** Rows like the samples, with ids of their own. */
export class RowMaker {
  #turn = 0;

  constructor(
    private readonly table: TableWork,
    private readonly fresh: FreshValues,
  ) {}

  /** Values of these columns for so many rows, a list per row. */
  rows(count: number, columns: readonly Column[] = this.table.columns): Cell[][] {
    const places = columns.map((column) => ({ place: this.table.columns.indexOf(column), type: column.type, fresh: needsFresh(column) }));
    return Array.from({ length: count }, () => {
      const sample = this.table.samples[this.#turn++ % this.table.samples.length]!;
      return places.map(({ place, type, fresh }) => (fresh ? this.fresh.like(type, sample[place]!) : sample[place]!));
    });
  }
}

/** What an update can change without touching an index; the floor is the least that could be done. */
export const changeable = ({ columns }: TableWork): readonly Column[] => columns.filter(({ indexed }) => !indexed);
