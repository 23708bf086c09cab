import { inSendersOrder, isNumbered, type AmendFact, type LeftFact, type NumberedFact, type PlannedFact, type StayFact } from './stay-facts.js';

/** A discharge as the facts have it: every account of it up to a cancel, what announced it, and what later updates said. */
export interface Departure {
  readonly n: number;
  /** None while it is only planned. */
  readonly accounts: readonly LeftFact[];
  readonly plans: readonly PlannedFact[];
  readonly amendments: readonly AmendFact[];
  readonly withdrawn: boolean;
}

interface Open {
  readonly accounts: LeftFact[];
  readonly plans: PlannedFact[];
  readonly amendments: AmendFact[];
  /** The last word on the plan was that there is none. */
  planTakenBack: boolean;
}

const nothingOpen = (): Open => ({ accounts: [], plans: [], amendments: [], planTakenBack: false });

/** Cuts the facts at the cancels. Departures come in the senders' order; a cancel that no discharge precedes waits for it. */
export const plannedOrLeft = (facts: readonly StayFact[]): readonly Departure[] => {
  const departures: Departure[] = [];
  let open = nothingOpen();
  const close = (withdrawn: boolean): void => {
    const { accounts, plans, amendments, planTakenBack } = open;
    const last = accounts.at(-1) ?? plans.at(-1);
    if (last) departures.push({ n: last.n, accounts, plans, amendments, withdrawn: withdrawn || (accounts.length === 0 && planTakenBack) });
    open = nothingOpen();
  };
  for (const fact of inSendersOrder(facts)) {
    if (fact.kind === 'left') open.accounts.push(fact);
    else if (fact.kind === 'admitted' && fact.still && open.accounts.length > 0) close(true);
    else if (fact.kind === 'cancelled' || fact.kind === 'voided') close(true);
    else if (fact.kind === 'amended' && open.accounts.length > 0) open.amendments.push(fact);
    else if (fact.kind === 'planned') {
      // Also one that is heard of when the patient has left: it announced that very leaving.
      open.plans.push(fact);
      open.planTakenBack = false;
    } else if (fact.kind === 'plan-cancelled') open.planTakenBack = true;
  }
  close(false);
  return departures;
};

/** Those that happened. */
export const departuresOf = (facts: readonly StayFact[]): readonly Departure[] => plannedOrLeft(facts).filter((one) => one.accounts.length > 0);

/**
 * Gives every departure its number. One that has a number keeps it, a discharge before a plan; where a late cancel splits an
 * account in two, the later half keeps it, because its episode is the one that lives.
 */
export const numbered = <E extends { readonly facts: readonly StayFact[] }>(encounter: E): E => {
  const departures = plannedOrLeft(encounter.facts);
  const numbers = new Map<Departure, number>();
  const keepOwn = (factsOf: (departure: Departure) => readonly NumberedFact[]): void => {
    for (const departure of [...departures].reverse()) {
      const taken = new Set(numbers.values());
      const own = numbers.has(departure) ? undefined : [...factsOf(departure)].reverse().find((fact) => fact.n > 0 && !taken.has(fact.n))?.n;
      if (own !== undefined) numbers.set(departure, own);
    }
  };
  keepOwn(({ accounts }) => accounts);
  keepOwn(({ plans }) => plans);
  let next = Math.max(0, ...numbers.values(), ...encounter.facts.map((fact) => (isNumbered(fact) ? fact.n : 0)));
  for (const departure of departures) if (!numbers.has(departure)) numbers.set(departure, (next += 1));
  const byFact = new Map(departures.flatMap((departure) => [...departure.accounts, ...departure.plans].map((fact): [StayFact, number] => [fact, numbers.get(departure)!])));
  return { ...encounter, facts: encounter.facts.map((fact) => (isNumbered(fact) ? { ...fact, n: byFact.get(fact) ?? fact.n } : fact)) };
};
