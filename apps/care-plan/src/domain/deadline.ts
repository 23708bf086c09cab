import { assertNever } from '@throughline/kernel/assert-never';
import { addBusinessDays, addDays, earlierOf, endOfDay, localDateOf, type Instant, type LocalDate } from '@throughline/kernel/business-time';
import { calendarLabel, type Calendar } from '@throughline/kernel/calendar';
import type { Risk } from './episode.js';
import type { Occasion } from './occasion.js';
import type { Protocol, ProtocolStep } from './protocol.js';

/** What deadlines are counted from. */
export interface Clockwork {
  readonly occasion: Occasion;
  readonly protocol: Protocol;
  readonly calendar: Calendar;
  readonly risk: Risk;
  /** When the follow-up visit is booked for. */
  readonly appointmentAt?: Instant;
}

export interface Deadline {
  readonly dueAt: Instant;
  readonly date: LocalDate;
  /** How it was made, for people: kept with the task. */
  readonly deadline: { readonly rule: string; readonly zone: string; readonly calendar: string };
}

export const deadlineOf = (step: ProtocolStep, clock: Clockwork): Deadline => {
  const { occasion } = clock;
  const { due } = step;
  const since = `the ${occasion.kind} on ${occasion.date}`;
  switch (due.rule) {
    case 'business-days': {
      const pressing = occasion.urgent && due.whenUrgent !== undefined;
      return businessDays(occasion.date, pressing ? due.whenUrgent! : due.days, pressing ? `${since} (urgent)` : since, clock);
    }
    case 'business-days-after-withdrawal': {
      const from = localDateOf(occasion.withdrawal?.at ?? occasion.at, occasion.zone);
      return businessDays(from, due.days, `the ${occasion.kind === 'discharge' ? 'cancellation' : 'withdrawal'} on ${from}`, clock);
    }
    case 'calendar-days': {
      const raised = clock.risk === 'high' && due.whenRiskHigh !== undefined;
      const days = raised ? due.whenRiskHigh! : due.days;
      return calendarDays(addDays(occasion.date, days), `End of calendar day ${days} after ${since}${raised ? ' (risk stated high)' : ''}`, occasion.zone);
    }
    case 'no-later-than':
      return noLaterThanVisit(clock.protocol.steps.find((other) => other.id === due.step)!, clock);
    default:
      return assertNever(due);
  }
};

const businessDays = (from: LocalDate, n: number, since: string, { occasion: { zone }, calendar }: Clockwork): Deadline => {
  const date = addBusinessDays(from, n, calendar);
  return { dueAt: endOfDay(date, zone), date, deadline: { rule: `End of business day ${n} after ${since}`, zone, calendar: calendarLabel(calendar, from, date) } };
};

const calendarDays = (date: LocalDate, rule: string, zone: string): Deadline => ({ dueAt: endOfDay(date, zone), date, deadline: { rule, zone, calendar: 'every day' } });

/** CPT: medication reconciliation no later than the date of the face-to-face visit, so a visit booked early moves it. */
const noLaterThanVisit = (visit: ProtocolStep, clock: Clockwork): Deadline => {
  const latest = deadlineOf(visit, clock);
  if (clock.appointmentAt === undefined) return { ...latest, deadline: { ...latest.deadline, rule: `No later than the visit: ${latest.deadline.rule}` } };
  const { zone } = clock.occasion;
  const date = localDateOf(clock.appointmentAt, zone);
  const booked = calendarDays(date, `No later than the visit booked for ${date}`, zone);
  return earlierOf(booked.dueAt, latest.dueAt) === booked.dueAt ? booked : { ...latest, deadline: { ...latest.deadline, rule: `No later than the visit: ${latest.deadline.rule}` } };
};
