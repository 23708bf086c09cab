import { calendarDate } from './calendar-date.js';
import { present } from './kept.js';
import type { StatementSaid } from './statement.js';

type Referral = Extract<StatementSaid, { kind: 'referral' }>;
type Asked = Pick<Referral['says'], 'by' | 'reason' | 'programme' | 'urgency'>;

/** As a discharge: one heard of this long after it was made is old news, and its escalation one digest. */
const BACKDATED_AFTER_MS = 30 * 86_400_000;

/** What somebody asked, and when: deadlines are counted from that day where the patient is looked after. */
export const referralSays = (asked: Asked, when: { readonly at: string; readonly zone: string; readonly receivedAt: string }): Referral['says'] =>
  present({
    ...asked,
    referredAt: when.at,
    referredDate: calendarDate(when.at, when.zone),
    zone: when.zone,
    backdated: Date.parse(when.receivedAt) - Date.parse(when.at) > BACKDATED_AFTER_MS,
  });
