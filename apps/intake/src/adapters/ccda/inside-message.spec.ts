import { clinicalDocument, entry, medicine, NORTH, section, type Written } from '../../../test/ccda-document.js';
import type { Identifier, StaySaid } from '../../domain/said.js';
import { readInside } from './inside-message.js';

const number = (value: string, authority = 'NSH'): Identifier => ({ kind: 'record-number', own: true, authority, value });
const base = (identifiers: readonly Identifier[], birthDate?: string) => ({
  sender: 'EHR|NORTHSHORE', controlId: 'c1', receivedAt: '2026-03-06T00:00:00.000Z', at: '2026-03-05T23:30:00.000Z', atSource: 'EVN-2' as const, flags: [], patient: { identifiers, ...(birthDate ? { birthDate } : {}) },
});
const stay: StaySaid = { visit: { value: 'V-MESSAGE' }, facility: { code: 'NORTH-4W' }, zone: 'America/New_York', diagnoses: [] };
const senders = { 'EHR|NORTHSHORE': { authorities: { [NORTH]: 'NSH' } } };
const inside = (identifiers: readonly Identifier[], { written = {}, birthDate }: { readonly written?: Written; readonly birthDate?: string } = {}) =>
  readInside({ defaultZone: 'America/New_York', senders })(Buffer.from(clinicalDocument({ sections: [section('10183-2', entry(medicine('')))], ...written })), { base: base(identifiers, birthDate), stay });

describe('a C-CDA document in a message', () => {
  it('says what else there is, of the message’s person and stay', () => {
    const { parts, flags } = inside([number('700001')]);
    expect(flags).toEqual([]);
    expect(parts.map(({ what }) => what)).toEqual(['discharge', 'prescription']);
    expect(parts[0]).toMatchObject({ controlId: 'c1', at: '2026-03-05T23:30:00.000Z', stay: { visit: { value: 'V-MESSAGE' }, facility: { code: 'NORTH-4W' }, admittedAt: '2026-03-02T13:15:00.000Z', disposition: '01' }, discharge: { source: 'effectiveTime' } });
    expect(parts[1]).toMatchObject({ stay: { visit: { value: 'V-MESSAGE' } }, patient: { identifiers: [{ value: '700001' }] } });
  });

  it('about somebody else is not looked into', () => {
    expect(inside([number('999999')])).toEqual({ parts: [], flags: ['other-patient-inside'] });
    expect(inside([number('700001', 'ELSEWHERE')], { birthDate: '1960-01-01' })).toEqual({ parts: [], flags: ['other-patient-inside'] });
    expect(inside([number('999999'), number('700001')]).flags).toEqual([]);
    // No number to compare: the message's word counts.
    expect(inside([number('1', 'ELSEWHERE')], { birthDate: '1951-04-07' }).parts).toHaveLength(2);
  });

  it('that cannot be read is a document all the same', () => {
    expect(inside([number('700001')], { written: { role: '' } })).toEqual({ parts: [], flags: ['content-not-read'] });
    expect(readInside({ defaultZone: 'America/New_York', senders })('<ClinicalDocument', { base: base([]), stay })).toEqual({ parts: [], flags: ['content-not-read'] });
  });
});
