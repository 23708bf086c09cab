import { Entity } from 'typeorm';
import type { PrescriptionState } from '../../domain/prescription.js';
import { VersionedRow } from './versioned.row.js';

@Entity({ name: 'prescription' })
export class PrescriptionRow extends VersionedRow<PrescriptionState> {}
