import type { Instant, LocalDate } from '@throughline/kernel/business-time';
import { programmeEpisodeId, transitionEpisodeId } from '@throughline/kernel/ids';
import type { EpisodeOrigin, Standing } from './episode.js';
import type { Discharge } from './facts.js';
import type { Lasting } from './lasting.js';
import { hasDied, isLater, isReadmitted, supersedes, type Person } from './person.js';
import { askedLater, type Referral } from './referral.js';

/** Protocols that an occasion of a kind is followed by. */
export const TRANSITION = 'transitional-care';
export const PROGRAMME = 'community-referral';

/**
 * What an episode follows: a discharge, or a referral. They differ in what ends or pauses the follow-up; how its steps are timed,
 * cleared and reviewed is one and the same.
 */
export interface Occasion extends Lasting {
  readonly kind: 'discharge' | 'referral';
  readonly id: string;
  readonly episodeId: string;
  readonly patientId: string;
  readonly protocolId: string;
  readonly at: Instant;
  /** Local date in `zone` that the deadlines are counted from. */
  readonly date: LocalDate;
  readonly zone: string;
  readonly urgent: boolean;
  readonly backdated: boolean;
  /** The stay that it ended, whose documents are about it. */
  readonly encounterId?: string;
  /** What its episode says of it. */
  readonly origin: EpisodeOrigin;
  /** How its follow-up stands. */
  readonly standing: Standing;
}

/** All that anybody was ever to be followed up for, in an order that the facts give. */
export const occasionsOf = (person: Person): readonly Occasion[] => [
  ...person.discharges.filter(({ everFollowed }) => everFollowed).sort((a, b) => (isLater(a, b) ? 1 : -1)).map((discharge) => ofDischarge(discharge, person)),
  ...person.referrals.filter(({ everFollowed }) => everFollowed).sort((a, b) => (askedLater(a, b) ? 1 : -1)).map((referral) => ofReferral(referral, person)),
];

const ofDischarge = (discharge: Discharge, person: Person): Occasion => {
  const { dischargeId, dischargedAt, patientId, encounterId, facilityZone, dischargeDate, backdated } = discharge;
  return {
    ...lastingOf(discharge),
    kind: 'discharge', id: dischargeId, episodeId: transitionEpisodeId(dischargeId), patientId, protocolId: TRANSITION,
    at: dischargedAt, date: dischargeDate, zone: facilityZone, urgent: false, backdated, encounterId,
    origin: { dischargeId, dischargedAt },
    standing: standingOf(discharge, person),
  };
};

const ofReferral = (referral: Referral, person: Person): Occasion => {
  const { referralId, referredAt, patientId, zone, referredDate, by: referredBy, urgency, backdated } = referral;
  return {
    ...lastingOf(referral),
    kind: 'referral', id: referralId, episodeId: programmeEpisodeId(referralId), patientId, protocolId: PROGRAMME,
    at: referredAt, date: referredDate, zone, urgent: urgency === 'urgent', backdated,
    origin: { referralId, referredAt, referredBy, ...(urgency ? { urgency } : {}) },
    standing: standingOfReferral(referral, person),
  };
};

const lastingOf = ({ everFollowed, earliestAt, because, correlationId, withdrawal }: Lasting): Lasting => ({ everFollowed, earliestAt, because, correlationId, ...(withdrawal ? { withdrawal } : {}) });

const standingOf = (discharge: Discharge, person: Person): Standing => {
  if (discharge.withdrawn) return { status: 'withdrawn', reason: 'discharge-withdrawn' };
  if (discharge.notFollowedUp !== undefined) return { status: 'withdrawn', reason: discharge.notFollowedUp };
  if (person.discharges.some((other) => supersedes(other, discharge))) return { status: 'superseded', reason: 'newer-discharge' };
  return isReadmitted(discharge, person.encounters) ? { status: 'paused', reason: 'readmitted' } : { status: 'open' };
};

/** Nothing takes over from a referral: whoever asked is owed an answer, a stay in hospital or not. Death ends it, and being taken back. */
const standingOfReferral = (referral: Referral, person: Person): Standing => {
  if (referral.withdrawn) return { status: 'withdrawn', reason: 'referral-withdrawn' };
  return hasDied(person) ? { status: 'withdrawn', reason: 'deceased' } : { status: 'open' };
};
