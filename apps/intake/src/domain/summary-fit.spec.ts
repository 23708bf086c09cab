import { isAboutStay, type StayOfDocument, type SummaryWanted } from './summary-fit.js';

const wanted: SummaryWanted = {
  identifiers: [{ kind: 'record-number', own: true, authority: 'NSH', value: '1' }],
  visits: [{ authority: 'NSH', value: 'V1' }], accounts: [{ value: 'A1' }],
  admittedAt: '2026-03-02T13:15:00.000Z', dischargedAt: '2026-03-06T03:30:00.000Z', facility: { code: 'NORTH' }, zone: 'America/New_York',
};
const days = { startsAt: '2026-03-02', endsAt: '2026-03-05' };

describe('whether a document is about the stay', () => {
  it.each<[string, StayOfDocument, boolean]>([
    ['bears its visit number', { numbers: [{ authority: 'NSH', value: 'V1' }] }, true],
    ['bears its visit number, of a giver that is not known', { numbers: [{ value: 'V1' }] }, true],
    ['bears its account number', { numbers: [{ value: 'A1' }] }, true],
    ['bears its number beside others', { numbers: [{ value: 'X' }, { authority: 'NSH', value: 'V1' }] }, true],
    ['bears the same number of another giver', { numbers: [{ authority: 'OTHER', value: 'V1' }] }, false],
    ['bears another number of the same giver, whatever its days', { numbers: [{ authority: 'NSH', value: 'V2' }], ...days }, false],
    ['bears a number that cannot be compared, and its days', { numbers: [{ value: 'X' }], ...days }, true],
    ['bears a number that cannot be compared, and nothing else', { numbers: [{ value: 'X' }] }, false],
    ['says nothing', { numbers: [] }, false],
    ['has its days', { numbers: [], ...days }, true],
    ['ends on its day at the hospital, which is another one in UTC', { numbers: [], endsAt: '2026-03-06T04:59:00Z' }, true],
    ['ends in another day at the hospital', { numbers: [], endsAt: '2026-03-06T05:00:00Z' }, false],
    ['ends on its day, and begins on another', { numbers: [], startsAt: '2026-03-04', endsAt: '2026-03-05' }, false],
    ['begins on its day, and does not end', { numbers: [], startsAt: '2026-03-02' }, false],
    ['ends in its month', { numbers: [], endsAt: '2026-03' }, false],
    ['ends at a time of no place', { numbers: [], endsAt: '2026-03-05T22:30:00' }, false],
  ])('one that %s', (_what, stay, is) => {
    expect(isAboutStay(wanted, stay)).toBe(is);
  });

  it('needs no admission that nobody knows', () => {
    expect(isAboutStay({ ...wanted, admittedAt: undefined }, { numbers: [], ...days })).toBe(true);
  });
});
