import { adt, type AdtTrigger } from '@throughline/testing/hl7-builder';
import type { Bundle, Said } from '../../domain/said.js';
import type { StatementSaid } from '../../domain/statement.js';
import { noneKnown } from './allergies.js';
import { translate, type TranslationContext } from './translate.js';

const context: TranslationContext = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: {} };

const said = (message: string): Said => {
  const read = translate(Buffer.from(message), context);
  if (read.kind !== 'readable') throw new Error(JSON.stringify(read));
  return read.said;
};
const withAllergies = (trigger: AdtTrigger, ...moreSegments: readonly string[]): Bundle => said(adt(trigger, { moreSegments })) as Bundle;
const allergies = (...segments: readonly string[]): readonly StatementSaid[] => {
  const [, part] = withAllergies('A08', ...segments).parts;
  return part?.what === 'statements' ? part.statements : [];
};

describe('allergies', () => {
  it('come beside what the message says of the stay, and change nothing of that', () => {
    for (const trigger of ['A01', 'A03', 'A04', 'A05', 'A08', 'A28', 'A31'] as const) {
      const { what, parts, flags } = withAllergies(trigger, 'AL1|1|DA|70618^Penicillin^RxNorm');
      expect([what, flags, parts.map((part) => part.what)]).toEqual(['bundle', [], [said(adt(trigger)).what, 'statements']]);
      expect(parts[0]).toEqual(said(adt(trigger)));
    }
    expect(withAllergies('A01', 'AL1|1|DA|A').parts[1]).toMatchObject({ stay: { visit: { value: 'V700001' } }, patient: { identifiers: [{ value: '700001' }] } });
  });

  it('leave a message that names none as it is', () => {
    for (const segment of ['AL1|1', 'AL1|1||""', 'IAM|1|DA|""|SV']) expect(withAllergies('A08', segment)).toEqual(said(adt('A08')));
  });

  it('of a stay that is taken back, and of two patients at once, are not taken', () => {
    for (const trigger of ['A11', 'A13', 'A17'] as const) expect(said(adt(trigger, { moreSegments: ['AL1|1|DA|A'] }))).toEqual(said(adt(trigger)));
  });

  it('are read from AL1, named by the substance', () => {
    expect(allergies('AL1|1|DA^Drug|70618^Penicillin^RxNorm|SV^Severe|Rash~WHZ^Wheeze', 'AL1|2|FA|^Peanut & almond', 'AL1|3|DA|aspirin')).toEqual([
      { kind: 'allergy', number: '70618', says: { code: { code: '70618', system: 'RxNorm', text: 'Penicillin' }, noneKnown: false, category: 'DA', criticality: 'SV', reactions: ['Rash', 'Wheeze'] } },
      { kind: 'allergy', number: 'PEANUT & ALMOND', says: { code: { text: 'Peanut & almond' }, noneKnown: false, category: 'FA' } },
      { kind: 'allergy', number: 'ASPIRIN', says: { code: { code: 'aspirin' }, noneKnown: false, category: 'DA' } },
    ]);
    expect(allergies('AL1|1|DA|A', 'AL1|2|DA|a').map(({ number, place }) => [number, place])).toEqual([['A', undefined], ['A', 2]]);
  });

  it('are read from IAM, named by their own number, and taken back by its action', () => {
    const iam = (action: string, status: string): string => `IAM|1|DA|^Testicillin|MO|Rash|${action}|AL77^NSH||||||||||${status}`;
    const a60 = said(adt('A08', { moreSegments: [iam('A', 'C')] }).replaceAll('A08', 'A60'));
    expect(a60).toMatchObject({ what: 'bundle', parts: [{ what: 'update' }, { statements: [{ kind: 'allergy', number: 'AL77^NSH', says: { code: { text: 'Testicillin' }, clinicalStatus: 'C', criticality: 'MO', reactions: ['Rash'] } }] }] });
    const withdrawn = (action: string, status: string): unknown => allergies(iam(action, status))[0]!.withdrawn;
    expect([withdrawn('A', 'C'), withdrawn('U', ''), withdrawn('D', ''), withdrawn('X', 'E')]).toEqual([undefined, undefined, true, true]);
    expect(allergies('IAM|1||""|||D|AL77')).toEqual([{ kind: 'allergy', number: 'AL77', withdrawn: true, says: { code: {}, noneKnown: false } }]);
  });

  it.each(['716186003', '409137002', '429625007', 'NKA', 'nkda', 'No known allergies', 'No Known Drug Allergies', 'no known food allergy', 'None known'])('are known to be none by %s', (words) => {
    expect([noneKnown({ code: words }), noneKnown({ text: words })]).toContain(true);
    expect(allergies(`AL1|1||${words}`)[0]!.says).toMatchObject({ noneKnown: true });
  });

  it.each(['Penicillin', 'NKANGA', 'Known allergies', 'No known', '7161860030'])('are not known to be none by %s', (words) => {
    expect([noneKnown({ code: words }), noneKnown({ text: words })]).toEqual([false, false]);
  });
});
