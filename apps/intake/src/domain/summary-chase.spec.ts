import { dischargeId } from '@throughline/kernel/ids';
import type { DischargeFacts } from './stay.js';
import { isDue, reconsider, settleQuery, takeRung, type KnownOfDischarge, type SummaryChase } from './summary-chase.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const LADDER = [5 * MINUTE, 30 * MINUTE, 4 * 60 * MINUTE, DAY, 2 * DAY, 4 * DAY];
const ENCOUNTER = '22222222-2222-5222-8222-222222222222';
const RECORDED = '2026-03-05T17:00:00.000Z';
const after = (ms: number, from = RECORDED): string => new Date(Date.parse(from) + ms).toISOString();

const discharge = (more: Partial<DischargeFacts> = {}): DischargeFacts => ({
  patientId: '11111111-1111-5111-8111-111111111111', dischargeId: dischargeId(ENCOUNTER, 1), encounterId: ENCOUNTER, n: 1, facility: { code: 'NORTH' },
  facilityZone: 'America/New_York', dischargedAt: '2026-03-05T16:20:00.000Z', dischargedAtSource: 'PV1-45', dischargeDate: '2026-03-05', diagnoses: [],
  followUp: { wanted: true }, backdated: false, withdrawn: false, ...more,
});
const known = (more: Partial<KnownOfDischarge> = {}): KnownOfDischarge => ({ discharge: discharge(), summaryKnown: false, findable: true, ...more });
const withdrawn = known({ discharge: discharge({ withdrawn: true }) });
const begun = (): SummaryChase => reconsider(undefined, known(), LADDER, RECORDED)!;

/** Asks at every rung, `n` times, each to no avail. */
const asked = (n: number): SummaryChase => {
  let chase = begun();
  for (let i = 1; i <= n; i++) chase = settleQuery(takeRung(chase, LADDER, chase.dueAt!), i, 'nothing-found');
  return chase;
};

describe('the search for the summary of a discharge', () => {
  it('begins when the discharge is recorded, and asks at every rung until it is given up', () => {
    const times = [0, 1, 2, 3, 4, 5].map((n) => asked(n).dueAt);
    expect(times).toEqual(LADDER.map((ms) => after(ms)));
    expect(asked(6)).toMatchObject({ status: 'given-up', queries: 6, dueAt: undefined, lastQuery: { at: after(4 * DAY), result: 'nothing-found' } });
  });

  it.each<[string, KnownOfDischarge]>([
    ['is not followed up', known({ discharge: discharge({ followUp: { wanted: false, reason: 'hospice' } }) })],
    ['is taken back', withdrawn],
    ['has its summary', known({ summaryKnown: true })],
    ['happened longer ago than the search would last', known({ discharge: discharge({ dischargedAt: after(-4 * DAY - 1) }) })],
    ['has no number to be found by', known({ findable: false })],
  ])('does not begin for a discharge that %s', (_what, facts) => {
    expect(reconsider(undefined, facts, LADDER, RECORDED)).toBeUndefined();
  });

  it('nobody is asked where no source is configured', () => {
    expect(reconsider(undefined, known(), [], RECORDED)).toBeUndefined();
  });

  it('changes nothing while nothing changes', () => {
    const chase = asked(2);
    expect(reconsider(chase, known(), LADDER, after(DAY))).toBe(chase);
  });

  it('ends with the summary, also when it was given up', () => {
    for (const chase of [asked(1), asked(6)]) expect(reconsider(chase, known({ summaryKnown: true }), LADDER, after(DAY))).toMatchObject({ status: 'received', dueAt: undefined });
  });

  it('ends when the discharge is taken back or no follow-up is owed any more, and goes on at the next rung when it is again', () => {
    const ended = reconsider(asked(1), withdrawn, LADDER, after(DAY))!;
    expect(ended).toMatchObject({ status: 'not-needed', dueAt: undefined });
    expect(reconsider(ended, known(), LADDER, after(DAY + 1))).toMatchObject({ status: 'waiting', dueAt: after(2 * DAY), queries: 1 });
  });

  it('goes on when the summary is taken back, while rungs are left', () => {
    const received = reconsider(asked(1), known({ summaryKnown: true }), LADDER, after(DAY))!;
    expect(reconsider(received, known(), LADDER, after(DAY + 1))).toMatchObject({ status: 'waiting', dueAt: after(2 * DAY) });
    expect(reconsider(received, known(), LADDER, after(4 * DAY))).toMatchObject({ status: 'given-up', dueAt: undefined });
  });

  it('takes no rung early, and none twice', () => {
    const chase = begun();
    expect(takeRung(chase, LADDER, after(5 * MINUTE - 1))).toBe(chase);
    const taken = takeRung(chase, LADDER, after(5 * MINUTE));
    expect(taken).toMatchObject({ queries: 1, dueAt: after(30 * MINUTE) });
    expect([isDue(taken, after(5 * MINUTE)), takeRung(taken, LADDER, after(6 * MINUTE))]).toEqual([false, taken]);
  });

  it('makes up for rungs that passed unasked by one query', () => {
    expect(takeRung(begun(), LADDER, after(DAY))).toMatchObject({ queries: 1, dueAt: after(2 * DAY) });
  });

  it('asks once after a break that outlasted it, and gives up', () => {
    const taken = takeRung(begun(), LADDER, after(9 * DAY));
    expect(taken).toMatchObject({ status: 'waiting', queries: 1, last: true });
    expect(settleQuery(taken, 1, 'unreachable')).toMatchObject({ status: 'given-up', lastQuery: { result: 'unreachable' } });
  });

  it('gives up after the last rung though its answer was never recorded', () => {
    const taken = takeRung(asked(5), LADDER, after(4 * DAY));
    expect(takeRung(taken, LADDER, taken.dueAt!)).toMatchObject({ status: 'given-up', queries: 6, lastQuery: { at: after(4 * DAY) } });
  });

  it('does not give up on what its last query found and is still to be decided on', () => {
    expect(settleQuery(takeRung(asked(5), LADDER, after(4 * DAY)), 6, 'found')).toMatchObject({ status: 'waiting', last: true });
  });

  it('leaves an answer alone that came when another was asked already', () => {
    const later = takeRung(takeRung(begun(), LADDER, after(5 * MINUTE)), LADDER, after(30 * MINUTE));
    expect(settleQuery(later, 1, 'timeout')).toBe(later);
  });

  it('records what came of a query that was overtaken by the summary itself', () => {
    const received = reconsider(takeRung(begun(), LADDER, after(5 * MINUTE)), known({ summaryKnown: true }), LADDER, after(5 * MINUTE))!;
    expect(settleQuery(received, 1, 'nothing-found')).toMatchObject({ status: 'received', lastQuery: { result: 'nothing-found' } });
  });
});
