import { Entity } from 'typeorm';
import type { StatementState } from '../../domain/statement.js';
import { VersionedRow } from './versioned.row.js';

@Entity({ name: 'statement' })
export class StatementRow extends VersionedRow<StatementState> {}
