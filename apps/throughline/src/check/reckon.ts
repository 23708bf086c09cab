import type { JournalLine } from '../send/journal.js';

/** A line of a service's ledger, as far as the reckoning reads it. */
export interface LedgerLine {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
  readonly outcome: string;
  readonly dischargeId?: string | null;
  readonly referralId?: string | null;
  readonly controlId?: string | null;
  readonly sender?: string | null;
  readonly hash?: string | null;
  /** What holds for the discharge now: `wanted`, `withdrawn`, or why not. */
  readonly followUp?: string | null;
  readonly [more: string]: unknown;
}

export interface Ledgers {
  readonly intake: readonly LedgerLine[];
  readonly carePlan: readonly LedgerLine[];
  readonly medicationReconciliation: readonly LedgerLine[];
  readonly scheduling: readonly LedgerLine[];
}

export interface Reckoning {
  /** Inbound messages that were answered positively. */
  readonly accepted: number;
  /** Discharges to follow up. */
  readonly discharges: number;
  readonly episodes: number;
  /** One sentence each. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
}

/** Answered AE or AR: the sender knows that it has to send again, so nobody relies on it. */
const NOT_ACCEPTED = new Set(['quarantined']);
/** Not an outcome: nobody has decided yet. A parked message has one: it waits for a person, and is counted apart. */
const UNDECIDED = new Set(['pending', '']);

const group = <Item>(items: readonly Item[], keyOf: (item: Item) => string | null | undefined): ReadonlyMap<string, readonly Item[]> => {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null || key === undefined) continue;
    const known = groups.get(key);
    if (known) known.push(item);
    else groups.set(key, [item]);
  }
  return groups;
};

const KINDS = [
  ['carePlan', 'episode'],
  ['medicationReconciliation', 'reconciliation'],
  ['scheduling', 'follow-up'],
] as const;

/** What each discharge led to in one service, by discharge. */
const followers = (ledgers: Ledgers): readonly (readonly [kind: string, byDischarge: ReadonlyMap<string, readonly LedgerLine[]>])[] =>
  KINDS.map(([service, kind]) => [kind, group(ledgers[service].filter((line) => line.kind === kind), (line) => line.dischargeId)]);

const reckonJournal = (journal: readonly JournalLine[], accepted: readonly LedgerLine[], inboundId: (line: JournalLine) => string): Pick<Reckoning, 'lost' | 'doubled'> => {
  const bySubject = group(accepted, (line) => line.subject);
  const byContent = group(accepted, (line) => (line.hash ? `${line.controlId}\u0000${line.hash}` : undefined));
  const lost: string[] = [];
  const doubled: string[] = [];
  // A message that was sent again is journalled again; it is still one message.
  for (const [key, [line]] of group(journal, ({ sender, controlId, hash }) => `${sender}\u0000${controlId}\u0000${hash}`)) {
    if (!line) continue;
    const found = new Set([...(byContent.get(key.slice(line.sender.length + 1)) ?? []), ...(bySubject.get(inboundId(line)) ?? [])].map(({ id }) => id));
    if (found.size === 0) lost.push(`message ${line.controlId} of ${line.sender} was answered positively at ${line.at}, and intake does not have it`);
    if (found.size > 1) doubled.push(`message ${line.controlId} of ${line.sender} is ${found.size} messages at intake`);
  }
  return { lost, doubled };
};

const reckonDischarges = (inbound: readonly LedgerLine[], ledgers: Ledgers): Pick<Reckoning, 'lost' | 'doubled' | 'discharges'> => {
  const lost: string[] = [];
  const doubled: string[] = [];
  const byDischarge = group(inbound, (line) => line.dischargeId);
  const kinds = followers(ledgers);
  let discharges = 0;
  for (const [discharge, lines] of byDischarge) {
    const counts = kinds.map(([kind, found]) => [kind, found.get(discharge)?.length ?? 0] as const);
    const wanted = lines.some((line) => line.outcome === 'discharge' || line.followUp === 'wanted');
    // A correction may have begun or ended a follow-up: then the services have to agree with each other.
    const begun = counts.some(([, count]) => count > 0);
    if (wanted || begun) discharges += 1;
    for (const [kind, count] of counts) {
      if (count === 0 && (wanted || begun)) lost.push(`discharge ${discharge} has no ${kind}`);
      if (count > 1) doubled.push(`discharge ${discharge} has ${count} of ${kind}`);
    }
  }
  for (const [kind, found] of kinds) {
    for (const discharge of found.keys()) if (!byDischarge.has(discharge)) doubled.push(`there is a ${kind} for discharge ${discharge}, which intake did not record`);
  }
  return { lost, doubled, discharges };
};

/** Of intake's lines of kind `referral`: whoever asked is owed an episode, and one alone. One that was taken back may have come and gone. */
const reckonReferrals = (ledgers: Ledgers): Pick<Reckoning, 'lost' | 'doubled'> => {
  const asked = group(ledgers.intake.filter((line) => line.kind === 'referral'), (line) => line.subject);
  const episodes = group(ledgers.carePlan.filter((line) => line.kind === 'episode'), (line) => line.referralId);
  const counts = [...asked].map(([referral, lines]) => ({ referral, owed: lines.some(({ outcome }) => outcome !== 'withdrawn'), count: episodes.get(referral)?.length ?? 0 }));
  return {
    lost: counts.filter(({ owed, count }) => owed && count === 0).map(({ referral }) => `referral ${referral} has no episode`),
    doubled: [
      ...counts.filter(({ count }) => count > 1).map(({ referral, count }) => `referral ${referral} has ${count} of episode`),
      ...[...episodes.keys()].filter((referral) => !asked.has(referral)).map((referral) => `there is an episode for referral ${referral}, which intake did not record`),
    ],
  };
};

/**
 * Compares what senders were promised (their journal), what intake says became of it, and what the other services made of
 * it. Pure; `inboundId` names a journalled message the way intake does.
 */
export const reckon = (ledgers: Ledgers, journal: readonly JournalLine[], inboundId: (line: JournalLine) => string): Reckoning => {
  const inbound = ledgers.intake.filter((line) => line.kind === 'inbound');
  const accepted = inbound.filter((line) => !NOT_ACCEPTED.has(line.outcome));
  const undecided = accepted.filter((line) => UNDECIDED.has(line.outcome)).map((line) => `message ${line.controlId ?? line.subject} (${line.subject}) was accepted and has no outcome`);
  const twice = [...group(accepted, (line) => line.subject)].filter(([, lines]) => lines.length > 1).map(([subject, lines]) => `message ${subject} has ${lines.length} outcomes`);
  const promised = reckonJournal(journal, accepted, inboundId);
  const followed = reckonDischarges(accepted, ledgers);
  const referred = reckonReferrals(ledgers);
  return {
    accepted: new Set(accepted.map((line) => line.subject)).size,
    discharges: followed.discharges,
    episodes: ledgers.carePlan.filter((line) => line.kind === 'episode' && line.dischargeId).length,
    lost: [...promised.lost, ...undecided, ...followed.lost, ...referred.lost],
    doubled: [...promised.doubled, ...twice, ...followed.doubled, ...referred.doubled],
  };
};

export const reckoningLine = ({ accepted, discharges, episodes, lost, doubled }: Reckoning, parked: number): string =>
  `accepted ${accepted}, discharges ${discharges}, episodes ${episodes}, lost ${lost.length}, doubled ${doubled.length}, parked ${parked}`;
