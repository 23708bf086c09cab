import * as z from 'zod';

/** A business calendar as a versioned data file. Dates are local to wherever it is applied. */
export const CalendarFile = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  version: z.string().min(1),
  title: z.string(),
  effectiveFrom: z.iso.date(),
  sources: z.array(z.strictObject({ citation: z.string(), url: z.url().optional() })).min(1),
  /** Facts that a public source did not settle: the operator confirms them for the place. */
  confirmLocally: z.array(z.string()).default([]),
  /** ISO week days off, 1 = Monday. */
  weekend: z.array(z.int().min(1).max(7)).max(6),
  /** Years whose holidays are listed. Outside them only weekends are known. */
  covers: z.strictObject({ from: z.iso.date(), to: z.iso.date() }),
  holidays: z.array(z.strictObject({ date: z.iso.date(), name: z.string(), observedFor: z.iso.date().optional() })),
});

export interface Calendar {
  readonly id: string;
  readonly version: string;
  readonly weekend: ReadonlySet<number>;
  readonly covers: { readonly from: string; readonly to: string };
  /** Date off -> its name. */
  readonly holidays: ReadonlyMap<string, string>;
}

/** Reads one file's content. The error lists every problem with its place. */
export const parseCalendar = (content: unknown, source: string): Calendar => {
  const parsed = CalendarFile.safeParse(content);
  const problems = parsed.success
    ? misplaced(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`);
  if (!parsed.success || problems.length > 0) throw new Error(`Calendar ${source}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  const { id, version, weekend, covers, holidays } = parsed.data;
  return { id, version, weekend: new Set(weekend), covers, holidays: new Map(holidays.map(({ date, name }) => [date, name])) };
};

const misplaced = ({ covers, holidays }: z.infer<typeof CalendarFile>): string[] => [
  ...(covers.from > covers.to ? ['covers: from is after to'] : []),
  ...holidays.flatMap(({ date }, i) => [
    ...(date < covers.from || date > covers.to ? [`holidays.${i}.date: ${date} is outside what the file covers`] : []),
    ...(holidays.findIndex((other) => other.date === date) < i ? [`holidays.${i}.date: ${date} is listed twice`] : []),
  ]),
];

export const isBusinessDay = (date: string, dayOfWeek: number, calendar: Calendar): boolean =>
  !calendar.weekend.has(dayOfWeek) && !calendar.holidays.has(date);

/** What a deadline says it was counted with: outside the years listed it admits that holidays were not known. */
export const calendarLabel = (calendar: Calendar, from: string, to: string): string =>
  `${calendar.id}@${calendar.version}${from < calendar.covers.from || to > calendar.covers.to ? ' (weekends only: holidays of these years are not listed)' : ''}`;
