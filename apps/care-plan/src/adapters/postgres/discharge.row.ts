import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Entity } from 'typeorm';
import type { Discharge } from '../../domain/facts.js';

@Entity({ name: 'discharge' })
export class DischargeRow extends KeptRow<Discharge> {}
