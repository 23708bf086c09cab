import { factsIn, type FactSource } from '@throughline/platform/service/facts';
import { settledEvent } from '../../application/announce-message.js';
import { MessageRow } from './message.row.js';

export const facts: readonly FactSource<'notification'>[] = [factsIn(MessageRow, ['care.message.settled.v1'], ({ body }) => settledEvent(body))];
