import { factsIn, type FactSource } from '@throughline/platform/service/facts';
import { followUpEvent, FOLLOW_UP_TYPES } from '../../application/announce.js';
import { FollowUpRow } from './follow-up.row.js';

export const facts: readonly FactSource<'scheduling'>[] = [factsIn(FollowUpRow, FOLLOW_UP_TYPES, (row) => followUpEvent(row.body))];
