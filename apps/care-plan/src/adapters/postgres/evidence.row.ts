import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Entity } from 'typeorm';
import type { Evidence } from '../../domain/facts.js';

@Entity({ name: 'evidence' })
export class EvidenceRow extends KeptRow<Evidence> {}
