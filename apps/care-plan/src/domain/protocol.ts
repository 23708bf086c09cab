import * as z from 'zod';

/** Where a rule comes from, and what a clinician or coder still has to confirm for the place. */
const Sourced = { sources: z.array(z.string()).min(1), confirmLocally: z.array(z.string()).default([]) };
const days = z.int().min(1).max(365);

const Due = z.discriminatedUnion('rule', [
  /** End of the n-th business day after the date of the discharge or referral, in its zone; another number for an urgent referral. */
  z.strictObject({ rule: z.literal('business-days'), days, whenUrgent: days.optional(), ...Sourced }),
  /** End of the n-th calendar day after that date; another number when the stated risk is high. */
  z.strictObject({ rule: z.literal('calendar-days'), days, whenRiskHigh: days.optional(), ...Sourced }),
  /** With another step, and no later than the end of the day the visit is booked for. */
  z.strictObject({ rule: z.literal('no-later-than'), step: z.string(), ...Sourced }),
  /** End of the n-th business day after the day a withdrawal was heard of. */
  z.strictObject({ rule: z.literal('business-days-after-withdrawal'), days, ...Sourced }),
]);

const Step = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  label: z.string().min(1).max(120),
  team: z.string().min(1),
  due: Due,
  /** Facts that clear it by themselves. A step without any is cleared by a person only. */
  clearedBy: z.array(z.strictObject({ evidence: z.enum(['contact-reached', 'reconciliation-completed', 'follow-up-booked', 'summary-received']), ...Sourced })),
  /** What a person may complete it with. */
  outcomes: z.array(z.strictObject({ code: z.string().regex(/^[a-z][a-z0-9-]*$/), label: z.string(), attemptsNeeded: z.int().min(1).optional() })).min(1),
  /** Who is told of it, how long after its due time (ISO 8601 duration of exact time), in order. */
  escalation: z.array(z.strictObject({ after: z.iso.duration(), role: z.string() })),
});

export const ProtocolFile = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  version: z.string().min(1),
  title: z.string(),
  /** Discharges, or referrals, on and after this local date follow this version. */
  effectiveFrom: z.iso.date(),
  /** Id of the business calendar. */
  calendar: z.string(),
  sources: z.record(z.string(), z.strictObject({ citation: z.string(), url: z.url().optional() })),
  visitWindow: z.strictObject({ step: z.string(), firstDay: z.int().min(0), ...Sourced }),
  steps: z.array(Step).min(1),
  /** Opens once when a discharge or referral is withdrawn after somebody began to act on it. */
  cancelReview: Step,
});

export type Protocol = z.infer<typeof ProtocolFile>;
export type ProtocolStep = z.infer<typeof Step>;
export type DueRule = z.infer<typeof Due>;
export interface ProtocolPin {
  readonly id: string;
  readonly version: string;
}

/** Reads one file's content. The error lists every problem with its place. */
export const parseProtocol = (content: unknown, file: string): Protocol => {
  const parsed = ProtocolFile.safeParse(content);
  const problems = parsed.success ? contradictions(parsed.data) : parsed.error.issues.map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`);
  if (!parsed.success || problems.length > 0) throw new Error(`Protocol ${file}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  return parsed.data;
};

const contradictions = (protocol: Protocol): string[] => {
  const ids = [...protocol.steps, protocol.cancelReview].map((step) => step.id);
  const calendarStep = (id: string) => protocol.steps.find((step) => step.id === id && step.due.rule === 'calendar-days');
  const cited = JSON.stringify(protocol.steps).concat(JSON.stringify(protocol.cancelReview), JSON.stringify(protocol.visitWindow));
  const keys = [...cited.matchAll(/"sources":(\[[^\]]*\])/g)].flatMap((match) => JSON.parse(match[1]!) as string[]);
  return [
    ...ids.filter((id, i) => ids.indexOf(id) < i).map((id) => `steps: the id ${id} is used twice`),
    ...[...new Set(keys)].filter((key) => !(key in protocol.sources)).map((key) => `sources: nothing is cited under ${key}`),
    ...(calendarStep(protocol.visitWindow.step) ? [] : [`visitWindow.step: ${protocol.visitWindow.step} is not a step due in calendar days`]),
    ...protocol.steps.flatMap((step, i) =>
      step.due.rule === 'no-later-than' && !calendarStep(step.due.step) ? [`steps.${i}.due.step: ${step.due.step} is not a step due in calendar days`] : [],
    ),
    ...protocol.steps.flatMap((step, i) => (step.due.rule === 'business-days-after-withdrawal' ? [`steps.${i}.due.rule: only cancelReview can be counted from a withdrawal`] : [])),
    ...(protocol.cancelReview.due.rule === 'business-days-after-withdrawal' ? [] : ['cancelReview.due.rule: has to be business-days-after-withdrawal']),
    ...(protocol.cancelReview.clearedBy.length > 0 ? ['cancelReview.clearedBy: only a person can judge what was done'] : []),
  ];
};

export const stepOf = (protocol: Protocol, stepId: string): ProtocolStep | undefined =>
  protocol.cancelReview.id === stepId ? protocol.cancelReview : protocol.steps.find((step) => step.id === stepId);

/** The version in force on a local date; before the first one, the first: an old discharge is followed up too. */
export const protocolInForce = (protocols: readonly Protocol[], id: string, on: string): Protocol => {
  const versions = protocols.filter((protocol) => protocol.id === id).sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1));
  const chosen = versions.findLast((protocol) => protocol.effectiveFrom <= on) ?? versions[0];
  if (!chosen) throw new Error(`No protocol ${id} is loaded`);
  return chosen;
};

/** An episode keeps the version it began with. */
export const pinnedProtocol = (protocols: readonly Protocol[], pin: ProtocolPin): Protocol => {
  const found = protocols.find((protocol) => protocol.id === pin.id && protocol.version === pin.version);
  if (!found) throw new Error(`Protocol ${pin.id}@${pin.version} is in use and its file is missing: put it back`);
  return found;
};
