import { Entity } from 'typeorm';
import type { EncounterState } from '../../domain/stay.js';
import { VersionedRow } from './versioned.row.js';

@Entity({ name: 'encounter' })
export class EncounterRow extends VersionedRow<EncounterState> {}
