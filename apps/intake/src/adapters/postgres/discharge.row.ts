import { Entity } from 'typeorm';
import type { DischargeState } from '../../domain/stay.js';
import { VersionedRow } from './versioned.row.js';

@Entity({ name: 'discharge' })
export class DischargeRow extends VersionedRow<DischargeState> {}
