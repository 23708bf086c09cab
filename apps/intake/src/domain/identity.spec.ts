import { identifierId, inOrder, newPatientId, resolve, type KnownIdentifier } from './identity.js';
import type { Identifier } from './said.js';

const NAMESPACE = '0f4dfb38-7a2c-5f0e-9c0f-1d2b3c4d5e6f';
const mrn = (value: string, authority = 'NSH', own = true): Identifier => ({ kind: 'record-number', own, authority, value });
const index = (value: string): Identifier => ({ kind: 'person-index', own: false, authority: 'HIE', value });
const national = (value: string): Identifier => ({ kind: 'national-number', own: false, authority: 'GOV', value });
const known = (...rows: readonly [Identifier, string][]) => {
  const list = rows.map(([one, patientId]): KnownIdentifier => ({ id: identifierId(one), patientId, kind: one.kind, authority: one.authority, value: one.value }));
  return { map: new Map(list.map((row) => [row.id, row])), numbersOf: (id: string) => list.filter((row) => row.patientId === id && row.kind === 'record-number') };
};
const who = (identifiers: readonly Identifier[], rows: readonly [Identifier, string][] = []) => {
  const { map, numbersOf } = known(...rows);
  return resolve(NAMESPACE, identifiers, map, numbersOf);
};

describe('who is meant', () => {
  it('orders: the sender’s record number, another’s, a person index, a national number', () => {
    const all = [national('1'), index('2'), mrn('3', 'OTHER', false), mrn('4')];
    expect(inOrder(all).map((one) => one.value)).toEqual(['4', '3', '2', '1']);
    expect(inOrder([...all].reverse())).toEqual(inOrder(all));
  });

  it('names somebody new by the first, the same in every order and another under another secret', () => {
    const { patientId, learned } = who([index('2'), mrn('4')]);
    expect(patientId).toBe(who([mrn('4'), index('2')]).patientId);
    expect(patientId).toBe(newPatientId(NAMESPACE, [mrn('4')]));
    expect(patientId).not.toBe(newPatientId('0f4dfb38-7a2c-5f0e-9c0f-1d2b3c4d5e70', [mrn('4')]));
    expect(learned).toHaveLength(2);
  });

  it('knows somebody again by a number learned later', () => {
    expect(who([mrn('4'), index('2')], [[index('2'), 'p1']])).toMatchObject({ patientId: 'p1', learned: [mrn('4')], flags: [] });
  });

  it('lets the record number win, and flags it', () => {
    expect(who([mrn('4'), index('2')], [[index('2'), 'p1'], [mrn('4'), 'p2']])).toMatchObject({ patientId: 'p2', learned: [], flags: ['identifiers-disagree'] });
  });

  it('does not make one of two people who share an index and have different record numbers of the same giver', () => {
    const { patientId, flags } = who([mrn('5'), national('9')], [[mrn('4'), 'p1'], [national('9'), 'p1']]);
    expect(patientId).toBe(newPatientId(NAMESPACE, [mrn('5')]));
    expect(flags).toEqual(['identifiers-disagree']);
    expect(who([mrn('5', 'ELSEWHERE'), national('9')], [[mrn('4'), 'p1'], [national('9'), 'p1']]).patientId).toBe('p1');
  });
});
