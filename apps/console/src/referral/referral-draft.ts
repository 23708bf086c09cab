import type { ReferredBy } from '../shapes.js';

/** What a person filled in so far. */
export interface ReferralDraft {
  /** Chosen among the patients that are known here: their number says who it is, and nothing of them is stated anew. */
  readonly known: { readonly id: string; readonly name: string } | null;
  readonly number: string;
  readonly authority: string;
  readonly family: string;
  readonly given: string;
  readonly birthDate: string;
  readonly phone: string;
  readonly by: Exclude<ReferredBy, 'unknown'> | null;
  readonly reason: string;
  readonly urgency: 'routine' | 'urgent' | null;
  /** Local; empty: now. */
  readonly askedAt: string;
}

export const EMPTY: ReferralDraft = { known: null, number: '', authority: '', family: '', given: '', birthDate: '', phone: '', by: null, reason: '', urgency: null, askedAt: '' };

export type Problems = Partial<Record<keyof ReferralDraft, string>>;

/** What is missing or cannot be, by field. */
export const problemsOf = (draft: ReferralDraft, now: number): Problems => ({
  ...(draft.number.trim() ? {} : { number: 'Give a number that says who this is' }),
  ...(draft.authority.trim() ? {} : { authority: 'Say whose number it is' }),
  ...(draft.known || draft.family.trim() ? {} : { family: 'Give the family name' }),
  ...(draft.known || draft.given.trim() ? {} : { given: 'Give the given name' }),
  ...(draft.by ? {} : { by: 'Choose who asks' }),
  ...(draft.reason.trim() ? {} : { reason: 'Say what for' }),
  ...(draft.urgency ? {} : { urgency: 'Choose how urgent it is' }),
  ...(draft.askedAt && Date.parse(draft.askedAt) > now ? { askedAt: 'It was asked before now: correct the time' } : {}),
});

const said = (fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, value.trim()]).filter(([, value]) => value));

/** As intake takes it. What was left empty is not said. */
export const bodyOf = ({ known, number, authority, family, given, birthDate, phone, by, reason, urgency, askedAt }: ReferralDraft) => ({
  sender: 'throughline-console',
  patient: { identifiers: [{ value: number.trim(), authority: authority.trim() }], ...(known ? {} : said({ family, given, birthDate, phone })) },
  referral: { by, urgency, reason: { text: reason.trim() }, ...(askedAt ? { referredAt: new Date(askedAt).toISOString() } : {}) },
});
