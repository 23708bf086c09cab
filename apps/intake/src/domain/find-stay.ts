import { idOf } from '@throughline/kernel/ids';
import { names as namesIt, type EncounterState } from './stay.js';
import type { StayNumber, StaySaid } from './said.js';

/** What in a message can name a stay. Times: `left` = when the patient left (or the time that a cancel takes back). */
export interface StayNames {
  readonly visit?: StaySaid['visit'];
  readonly account?: StaySaid['account'];
  readonly admittedAt?: string | undefined;
  readonly left?: string | undefined;
  readonly at: string;
}

const other = (mine: StayNumber | undefined, theirs: readonly string[]): boolean =>
  mine !== undefined && theirs.length > 0 && !namesIt(theirs, mine);

const byAccount = (candidates: readonly EncounterState[], names: StayNames): EncounterState | undefined => {
  const { admittedAt } = names;
  if (admittedAt !== undefined)
    return candidates.find((one) => one.admissions.includes(admittedAt)) ?? candidates.find((one) => one.admissions.length === 0);
  if (candidates.length < 2) return candidates[0];
  // Several stays under one account and no admission time: the last one that had begun by then.
  const begun = (one: EncounterState): string => one.admissions[0] ?? '';
  const ordered = [...candidates].sort((a, b) => (begun(a) < begun(b) ? -1 : 1));
  return ordered.filter((one) => begun(one) <= (names.left ?? names.at)).at(-1) ?? ordered[0];
};

/** The known stay of the person that the message names: by visit number, account, admission, or the time of leaving. */
export const findStay = (stays: readonly EncounterState[], names: StayNames): EncounterState | undefined => {
  const { visit, account } = names;
  const named = visit === undefined ? undefined : stays.find((one) => namesIt(one.visits, visit));
  if (named) return named;
  // Another visit number is another stay, whatever else they share.
  const possible = stays.filter((one) => !other(visit, one.visits));
  if (account !== undefined) {
    const found = byAccount(possible.filter((one) => namesIt(one.accounts, account)), names);
    if (found) return found;
  }
  const { admittedAt, left } = names;
  if (admittedAt !== undefined) return possible.find((one) => one.admissions.includes(admittedAt) && !other(account, one.accounts));
  if (visit !== undefined || account !== undefined || left === undefined) return undefined;
  return possible.find((one) => one.facts.some((fact) => fact.kind === 'left' && fact.discharge.at === left));
};

/** A stay that something says it is about. */
export type StayNamed = Pick<StaySaid, 'visit' | 'account'>;

export interface NewStay {
  readonly encounterId: string;
  /** `stay-named-by-time`: the message had nothing better; a second message may not find it again. */
  readonly flags: readonly string[];
}

/** Names a stay that is not known yet: visit number, else account (and admission), else admission, else leaving. */
export const nameStay = (patientId: string, names: StayNames): NewStay => {
  const id = (...parts: string[]): string => idOf('encounter', patientId, ...parts);
  if (names.visit) return { encounterId: id('visit', names.visit.authority ?? '', names.visit.value), flags: [] };
  if (names.account)
    return { encounterId: id('account', names.account.authority ?? '', names.account.value, names.admittedAt ?? ''), flags: [] };
  if (names.admittedAt) return { encounterId: id('admitted', names.admittedAt), flags: [] };
  return { encounterId: id('left', names.left ?? names.at), flags: ['stay-named-by-time'] };
};

/** The stay that a message names beside its own matter: one that is known, or the one that its visit number will be. An account alone may be several stays'. */
export const stayNamed = (stays: readonly EncounterState[], patientId: string, named: StayNamed | undefined, at: string): string | undefined => {
  if (named?.visit === undefined && named?.account === undefined) return undefined;
  const names = { visit: named.visit, account: named.account, at };
  const known = findStay(stays, names);
  if (known) return known.encounterId;
  return named.visit === undefined ? undefined : nameStay(patientId, names).encounterId;
};
