import type { Said } from '../../domain/said.js';
import { translate } from './translate.js';

const context = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: {} };
/** A made-up ward's document about a made-up person. */
const mdm = (trigger: string, ...segments: readonly string[]): string =>
  [`MSH|^~\\&|WARDS|NORTHSHORE|U|H|20260305180000-0500||MDM^${trigger}^MDM_${trigger}|c1|P|2.5.1`, `EVN|${trigger}|20260305175500-0500`, 'PID|1||700001^^^NSH^MR||Testperson^Avery', `PV1|1|I|4E${'|'.repeat(16)}V700001`, ...segments, ''].join('\r');
const read = (trigger: string, ...segments: readonly string[]) => translate(Buffer.from(mdm(trigger, ...segments)), context);
const said = (trigger: string, ...segments: readonly string[]): Said => {
  const found = read(trigger, ...segments);
  if (found.kind !== 'readable') throw new Error(JSON.stringify(found));
  return found.said;
};

const TXA = 'TXA|1|DS^Discharge summary^HL70270|TX|20260305120000|||20260305174500-0500|||||DOC-7|||||AU';

describe('documents', () => {
  it('are read as what they are, with their number and stay; their text is not looked into', () => {
    expect(said('T02', TXA, 'OBX|1|TX|||a made-up summary||||||F')).toMatchObject({
      what: 'document', at: '2026-03-05T22:55:00.000Z', stay: { visit: { value: 'V700001' } }, patient: { identifiers: [{ value: '700001' }] },
      document: { number: 'DOC-7', kind: { code: 'DS', display: 'Discharge summary', system: 'HL70270' }, completion: 'AU', writtenAt: '2026-03-05T22:45:00.000Z', withContent: true, withdrawn: false },
    });
    expect(JSON.stringify(said('T02', TXA, 'OBX|1|TX|||a made-up summary'))).not.toContain('made-up');
  });

  it('may be announced without their text, and taken back', () => {
    expect(said('T01', TXA)).toMatchObject({ document: { withContent: false, withdrawn: false } });
    expect(said('T11', TXA)).toMatchObject({ document: { withdrawn: true } });
    expect(said('T02', 'TXA|1', 'OBX|1|TX|||text')).toMatchObject({ document: { kind: {}, withContent: true } });
    expect(said('T02', 'TXA|1')).not.toHaveProperty('document.number');
  });

  it('need a TXA and somebody they are about', () => {
    const reasons = (message: ReturnType<typeof read>) => (message.kind === 'unreadable' ? message.reasons.map(({ code, where }) => `${code} ${where}`) : []);
    expect(reasons(read('T02'))).toEqual(['100 TXA']);
    expect(reasons(read('T12', TXA))).toEqual(['201 MSH-9']);
    expect(reasons(translate(Buffer.from(mdm('T02', TXA).replace(/PID.*?\r/, '')), context))).toEqual(['100 PID']);
  });
});
