import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Entity } from 'typeorm';
import type { Referral } from '../../domain/referral.js';

@Entity({ name: 'referral' })
export class ReferralRow extends KeptRow<Referral> {}
