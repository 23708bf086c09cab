import { adt, type AdtOptions, type AdtTrigger } from '@throughline/testing/hl7-builder';
import fc from 'fast-check';
import type { Said } from '../../domain/said.js';
import { translate, type Translation, type TranslationContext } from './translate.js';

const context: TranslationContext = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: { 'CHI|LAKE': { zone: 'America/Chicago', authority: 'LAKE' } } };
const of = (text: string): Translation => translate(Buffer.from(text), context);
const said = (trigger: AdtTrigger, options: AdtOptions = {}): Said => {
  const read = of(adt(trigger, options));
  if (read.kind !== 'readable') throw new Error(JSON.stringify(read));
  return read.said;
};
const reasons = (text: string): readonly string[] => {
  const read = of(text);
  return read.kind === 'unreadable' ? read.reasons.map((one) => `${one.code} ${one.where ?? ''}`) : [read.kind];
};
const left = (options: AdtOptions): unknown => (said('A03', options) as Said & { discharge: unknown }).discharge;

describe('translating a message', () => {
  it('reads a discharge', () => {
    expect(said('A03', { disposition: '01', destination: 'HOME', account: 'A1', diagnoses: ['I50.9', 'E11.9'], controlId: 'c9' })).toMatchObject({
      what: 'discharge', sender: 'WARDS|NORTHSHORE', controlId: 'c9', at: '2026-03-05T16:30:00.000Z', atSource: 'EVN-2', flags: [],
      patient: {
        identifiers: [{ kind: 'record-number', own: false, authority: 'NSH', value: '700001' }], name: { family: 'Testperson', given: 'Avery' },
        birthDate: '1951-04-07', sex: 'F', phone: '555-0100', language: 'en',
      },
      stay: {
        visit: { value: 'V700001' }, account: { value: 'A1' }, encounterClass: 'I', facility: { code: 'NORTHSHORE' }, zone: 'America/New_York',
        admittedAt: '2026-03-02T13:15:00.000Z', disposition: '01', destination: 'HOME',
        diagnoses: [{ code: 'I50.9', system: 'I10', display: 'Synthetic diagnosis 1' }, { code: 'E11.9', system: 'I10', display: 'Synthetic diagnosis 2' }],
      },
      discharge: { at: '2026-03-05T16:20:00.000Z', source: 'PV1-45' },
    });
  });

  it('takes the time of a discharge from the best place that has one', () => {
    const at = { dischargedAt: '20260305112000', occurredAt: '20260305113000', recordedAt: '20260305114000', sentAt: '20260305115000' };
    expect(left(at)).toEqual({ at: '2026-03-05T16:20:00.000Z', source: 'PV1-45' });
    expect(left({ ...at, dischargedAt: '' })).toEqual({ at: '2026-03-05T16:30:00.000Z', source: 'EVN-6' });
    expect(left({ ...at, dischargedAt: '2026', occurredAt: '' })).toEqual({ at: '2026-03-05T16:40:00.000Z', source: 'EVN-2' });
    expect(left({ ...at, dischargedAt: '', occurredAt: '', recordedAt: '' })).toEqual({ at: '2026-03-05T16:50:00.000Z', source: 'MSH-7' });
    expect(left({ dischargedAt: '', recordedAt: '', sentAt: 'yesterday' })).toEqual({ at: context.receivedAt, source: 'received' });
    expect(said('A03', { ...at, dischargedAt: '202603' }).flags).toEqual(['time-unreadable-PV1-45']);
    expect(said('A03', { ...at, dischargedAt: '20260305' }).flags).toEqual(['discharge-time-is-a-day']);
  });

  it('reads local times in the sender’s zone, else with the offset of MSH-7, else in the facility’s zone', () => {
    const at = (options: AdtOptions): unknown => (left({ dischargedAt: '20260305112000', ...options }) as { at: string }).at;
    expect(at({ app: 'CHI', facility: 'LAKE', sentAt: '20260305112500-0500' })).toBe('2026-03-05T17:20:00.000Z');
    expect(at({ sentAt: '20260305112500-0800' })).toBe('2026-03-05T19:20:00.000Z');
    expect(at({ sentAt: '20260305112500' })).toBe('2026-03-05T16:20:00.000Z');
  });

  it('gives numbers without an authority to the sender, and leaves out what matches no one', () => {
    const identifiers = said('A01', { authority: '', moreIdentifiers: ['9^^^X^PI', '123-45-6789^^^SSA^SS', '77^^^X^AN', '""', 'N1^^^NHS^NH'] }).patient.identifiers;
    expect(identifiers).toEqual([
      { kind: 'record-number', own: true, authority: 'WARDS|NORTHSHORE', value: '700001' },
      { kind: 'person-index', own: false, authority: 'X', value: '9' },
      { kind: 'national-number', own: false, authority: 'NHS', value: 'N1' },
    ]);
    expect(said('A01', { app: 'CHI', facility: 'LAKE', authority: '' }).patient.identifiers[0]).toMatchObject({ own: true, authority: 'LAKE' });
  });

  it('takes somebody whose only number matches no one, and says so', () => {
    expect(said('A03', { mrn: '' , moreIdentifiers: ['123-45-6789^^^SSA^SS'] })).toMatchObject({ what: 'discharge', patient: { identifiers: [] }, flags: ['matches-nobody'] });
    expect(reasons(adt('A03', { mrn: '""' }))).toEqual(['101 PID-3']);
    expect(reasons(adt('A03').replace(/PID\|.*\r/, 'PID|\rPID|||999^^^NSH^MR\r'))).toEqual(['101 PID-3']);
  });

  it('tells nothing said from said to be nothing', () => {
    expect(said('A08', { phone: '""', language: '', birthDate: '1951' })).toMatchObject({ patient: { phone: null, language: undefined, birthDate: undefined }, flags: ['birth-date-partial'] });
  });

  it('reads death', () => {
    const died = (options: AdtOptions): unknown => said('A03', options).patient.deceased;
    expect([died({ deceased: 'Y' }), died({ diedAt: '20260305' }), died({ deceased: 'N' }), died({})]).toEqual([true, true, false, undefined]);
    expect(said('A03', { diedAt: '20260305', deceased: 'N' })).toMatchObject({ patient: { deceased: true }, flags: ['death-time-with-alive-indicator'] });
  });

  it('reads a cancel with the time it takes back', () => {
    expect(said('A13', { occurredAt: '20260305112000-0500', recordedAt: '20260305130000-0500' })).toMatchObject({ what: 'cancel-discharge', at: '2026-03-05T18:00:00.000Z', cancels: '2026-03-05T16:20:00.000Z' });
  });

  it('takes A28 and A31 as news of the person alone', () => {
    for (const trigger of ['A28', 'A31'] as const) expect(said(trigger)).toMatchObject({ what: 'update' });
    expect(said('A31')).not.toHaveProperty('stay');
  });

  it('takes a registration for a stay in the emergency department only, and an announced one for none', () => {
    expect(said('A04')).toMatchObject({ what: 'update', stay: { visit: { value: 'V700001' } } });
    expect(said('A04', { patientClass: 'E' })).toMatchObject({ what: 'admission' });
    expect(said('A04', { visit: '' })).not.toHaveProperty('stay');
    expect(said('A05')).toMatchObject({ what: 'update', stay: { visit: { value: 'V700001' } } });
    expect(said('A05')).not.toHaveProperty('stay.admittedAt');
  });

  it('reads what is planned, and what is taken back', () => {
    expect(said('A16', { moreSegments: ['PV2|||||||||20260307100000'] })).toMatchObject({ what: 'plan-discharge', expectedAt: '2026-03-07T15:00:00.000Z' });
    expect(said('A25')).toMatchObject({ what: 'cancel-plan' });
    for (const trigger of ['A11', 'A23'] as const) {
      expect(said(trigger, { patientClass: 'O', diagnoses: ['I10'] })).toMatchObject({ what: 'cancel-stay', stay: { visit: { value: 'V700001' }, diagnoses: [] } });
      expect(said(trigger, { patientClass: 'O' })).not.toHaveProperty('stay.encounterClass');
    }
  });

  describe('a merge', () => {
    const merge = (options: AdtOptions = {}): unknown => said('A40', { moreSegments: ['MRG|700002^^^NSH^MR~X9^^^NSH^AN'], ...options });

    it('says whose record stands and whose is taken over', () => {
      expect(merge()).toMatchObject({
        what: 'merge', patient: { identifiers: [{ value: '700001' }] },
        merges: [{ into: { identifiers: [{ kind: 'record-number', authority: 'NSH', value: '700001' }] }, retired: [{ kind: 'record-number', own: false, authority: 'NSH', value: '700002' }] }],
      });
      expect((merge({ moreSegments: ['MRG|1^^^NSH^MR', 'PID|2||5^^^NSH^MR||Other', 'MRG|6^^^NSH^MR'] }) as { merges: unknown[] }).merges).toHaveLength(2);
    });

    it('cannot be read without them', () => {
      expect(reasons(adt('A40'))).toEqual(['100 MRG']);
      expect(reasons(adt('A40', { moreSegments: ['MRG|'] }))).toEqual(['101 MRG-1']);
      expect(reasons(adt('A40', { moreSegments: ['MRG|1'] }).replace(/PID.*\r/, ''))).toEqual(['100 PID']);
    });
  });

  it('reads a stay that is moved, with the number it had and the record it was on', () => {
    expect(said('A45', { moreSegments: ['MRG|700002^^^NSH^MR||||V7'] })).toMatchObject({ what: 'move-stay', stay: { visit: { value: 'V700001' } }, from: [{ value: '700002' }], visit: { value: 'V7' } });
  });

  it('reads of a swap of beds both whom it names, and leaves out a second without a number', () => {
    expect(said('A17', { moreSegments: ['PID|2||999^^^NSH^MR', 'PV1|2|I'] })).toMatchObject({
      what: 'bundle', flags: [], patient: { identifiers: [{ value: '700001' }] }, parts: [{ what: 'update', patient: { identifiers: [{ value: '700001' }] } }, { what: 'update', patient: { identifiers: [{ value: '999' }] } }],
    });
    expect(said('A17', { moreSegments: ['PID|2||""', 'PV1|2|I'] })).toMatchObject({ what: 'update', flags: ['second-patient-not-read'], patient: { identifiers: [{ value: '700001' }] } });
    expect(said('A17', { moreSegments: ['PID|2||999^^^NSH^MR||||1951', 'PV1|2|I'] })).toMatchObject({ what: 'bundle', flags: ['birth-date-partial'] });
    expect(said('A17')).toMatchObject({ what: 'update', flags: [] });
    expect(reasons(adt('A17', { mrn: '""', moreSegments: ['PID|2||999^^^NSH^MR'] }))).toEqual(['101 PID-3']);
  });

  it('reads bytes in the character set of the header, else of the sender, else as they are', () => {
    const family = (characterSet: string, ofSender: string | undefined): unknown => {
      const bytes = Buffer.from(adt('A08', { family: 'T\u00e9st\u00a4' }).replace('|P|2.5.1', `|P|2.5.1||||||${characterSet}`), 'latin1');
      const read = translate(bytes, { ...context, senders: { 'WARDS|NORTHSHORE': { characterSet: ofSender } } });
      return read.kind === 'readable' ? [read.said.patient.name?.family, read.said.flags] : read;
    };
    expect(family('', '8859/15')).toEqual(['T\u00e9st\u20ac', []]);
    expect(family('8859/1', '8859/15')).toEqual(['T\u00e9st\u00a4', []]);
    expect(family('', undefined)).toEqual(['T\u00e9st\u00a4', ['charset-guessed']]);
  });

  it('names every reason at once, with the place', () => {
    const broken = adt('A03').replace('|A03-1|P|2.5.1', '||X|3.0');
    expect(reasons(broken)).toEqual(['101 MSH-10', '202 MSH-11', '203 MSH-12']);
    expect(reasons(adt('A03').replace(/PID.*\r/, ''))).toEqual(['100 PID']);
    expect(reasons(adt('A03').replace(/PID.*\r/, '').replace('|^~\\&|', '|^&&^|'))).toEqual(['102 MSH-2', '100 PID']);
    expect(reasons(adt('A03').replace(/PV1.*\r/, ''))).toEqual(['100 PV1']);
    expect(reasons(adt('A03', { mrn: '' }))).toEqual(['101 PID-3']);
    expect(reasons(adt('A03').replace('ADT^A03', 'ADT^A24'))).toEqual(['201 MSH-9']);
    expect(reasons(adt('A03').replace('ADT^A03^ADT_A03', 'DFT^P03'))).toEqual(['200 MSH-9']);
    expect(reasons(`${adt('A03')}${adt('A03', { mrn: '2' })}`)).toContain('100 MSH');
    expect(reasons(adt('A03', { moreSegments: ['PID|2||999^^^NSH^MR'] }))).toEqual(['100 PID']);
    expect(reasons('MSH|^~\\&|A|B|C|D|2026||ACK^A03|1|P|2.5\rMSA|AA|1')).toEqual(['answer']);
  });

  it('takes the event from EVN-1 when MSH-9 has none', () => {
    expect(of(adt('A03').replace('ADT^A03^ADT_A03', 'ADT'))).toMatchObject({ header: { trigger: 'ADT^A03' }, kind: 'readable' });
  });

  it('never throws, whatever is cut out of a message', () => {
    const whole = adt('A03', { account: 'A1', diagnoses: ['I10'], moreIdentifiers: ['9^^^X^PI'] });
    fc.assert(fc.property(fc.nat(whole.length), fc.nat(40), fc.string({ maxLength: 10 }), (from, length, put) => {
      const read = of(whole.slice(0, from) + put + whole.slice(from + length));
      if (read.kind === 'readable' && read.said.what === 'discharge') expect(new Date(read.said.discharge.at).toISOString()).toBe(read.said.discharge.at);
    }), { numRuns: 500 });
  });
});
