import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Entity } from 'typeorm';
import type { Encounter } from '../../domain/facts.js';

@Entity({ name: 'encounter' })
export class EncounterRow extends KeptRow<Encounter> {}
