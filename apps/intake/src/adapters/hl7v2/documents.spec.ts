import type { Said, SaidOnce } from '../../domain/said.js';
import type { ReadInside } from './documents.js';
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

describe('a document in OBX-5', () => {
  const xml = '<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3">a^b&c~d</ClinicalDocument>';
  const seen: (Buffer | string)[] = [];
  const parts = [{ what: 'plan-discharge', expectedAt: '2026-03-07T00:00:00.000Z' }] as unknown as readonly SaidOnce[];
  const withInside = (...segments: readonly string[]): Said => {
    seen.length = 0;
    const readInside: ReadInside = (content, { base, stay }) => {
      seen.push(content);
      return { parts: parts.map((part) => ({ ...part, ...base, stay })) as readonly SaidOnce[], flags: ['looked-into'] };
    };
    const found = translate(Buffer.from(mdm('T02', TXA, ...segments)), { ...context, readInside });
    if (found.kind !== 'readable') throw new Error(JSON.stringify(found));
    return found.said;
  };
  const base64 = Buffer.from(xml).toString('base64');

  it('is looked into where it is a C-CDA, however it is written down; the document itself comes first', () => {
    const said = withInside(`OBX|1|ED|||EHR^text^xml^Base64^${base64.slice(0, 40)}\\X0D0A\\${base64.slice(40)}`);
    expect(said).toMatchObject({ what: 'bundle', flags: ['looked-into'], parts: [{ what: 'document', document: { number: 'DOC-7' } }, { what: 'plan-discharge', stay: { visit: { value: 'V700001' } } }] });
    expect(seen.map(String)).toEqual([xml]);
    withInside(`OBX|1|ED|||EHR^text^xml^Hex^${Buffer.from(xml).toString('hex')}`);
    expect(seen.map(String)).toEqual([xml]);
    withInside(`OBX|1|ED|||EHR^text^xml^A^${xml.replace('\n', '').replace('~', '\\R\\').replace('&', '\\T\\')}`);
    expect(seen).toEqual([xml.replace('\n', '')]);
  });

  it('is kept and not looked into where it is anything else', () => {
    for (const obx of ['OBX|1|ED|||EHR^application^pdf^Base64^JVBERi0xLjQ=', 'OBX|1|TX|||<ClinicalDocument>', 'OBX|1|ED']) {
      expect(withInside(obx)).toMatchObject({ what: 'document', flags: [] });
      expect(seen).toEqual([]);
    }
  });

  it('is flagged where it says that it is a C-CDA and none is found, or where there are two', () => {
    expect(withInside('OBX|1|ED|||EHR^multipart^x-hl7-cda-level-one^A^MIME-Version: 1.0')).toMatchObject({ what: 'document', flags: ['content-not-read'] });
    const obx = `OBX|1|ED|||EHR^text^xml^Base64^${base64}`;
    expect(withInside(obx, obx)).toMatchObject({ what: 'document', flags: ['content-not-read'] });
  });
});
