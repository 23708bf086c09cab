import type { PatientState } from '../domain/patient.js';
import type { After } from './reads.js';

/** Two records that may be one patient's. Only a person merges them. */
export interface Pair {
  readonly records: readonly [PatientState, PatientState];
  readonly searchName: string;
  /** What is the same. */
  readonly because: readonly ('name' | 'birth-date' | 'sex' | 'phone')[];
}

export interface Duplicates {
  /** After `[search name, first id, second id]`. */
  pairs(after: After, limit: number): Promise<readonly Pair[]>;
}

export const DUPLICATES = Symbol('intake:duplicates');
