import { clinicalDocument, entry, medicine, RXNORM, section, SNOMED } from '../../../test/ccda-document.js';
import type { PrescriptionSaid, SaidOnce } from '../../domain/said.js';
import { translateCcda } from './translate-ccda.js';

const context = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: {}, sender: 'NORTH' };
const parts = (sections: readonly string[]): readonly SaidOnce[] => {
  const read = translateCcda(clinicalDocument({ code: '34133-9', sections }), context);
  if (read.kind !== 'readable') throw new Error(JSON.stringify(read));
  return read.said.what === 'bundle' ? read.said.parts : [read.said];
};
const lists = (...sections: readonly string[]) => parts(sections).filter((part) => part.what === 'prescription');
const lines = (entries: string, { code = '10183-2', text = '' } = {}): readonly PrescriptionSaid[] => lists(section(code, entries, text)).flatMap(({ prescription, more = [] }) => [prescription, ...more]);
const line = (inner: string, how: Parameters<typeof medicine>[1] = {}, text = ''): PrescriptionSaid => lines(entry(medicine(inner, how)), { text })[0]!;
const timing = (inner: string): PrescriptionSaid['timing'] => line(inner).timing;

const SPAN = '<effectiveTime xsi:type="IVL_TS"><low value="20260305"/><high nullFlavor="UNK"/></effectiveTime>';
const every = (period: string, attributes = ''): string => `<effectiveTime xsi:type="PIVL_TS" operator="A" ${attributes}>${period}</effectiveTime>`;

describe('medicines in a C-CDA document', () => {
  it('are read with drug, dose, route, timing and who told when', () => {
    const read = line(`${SPAN}${every('<period value="12" unit="h"/>', 'institutionSpecified="true"')}<routeCode code="C38288" codeSystem="2.16.840.1.113883.3.26.1.1" displayName="Oral"/><doseQuantity value="1" unit="{tbl}"/>
      <author><time value="202603051000-0500"/></author>`);
    expect(read).toEqual({
      orderId: '2.999.1.5^M-1', basis: 'ordered', route: 'Oral', prescribedAt: '2026-03-05T15:00:00.000Z', dose: { value: '1', unit: '{tbl}' },
      medicine: { text: 'Testformin 500 MG Oral Tablet', code: '860975', system: 'http://www.nlm.nih.gov/research/umls/rxnorm', display: 'Testformin 500 MG Oral Tablet' },
      timing: { text: '2 times a day (every 12 hours)', startsAt: '2026-03-05T05:00:00.000Z' },
    });
  });

  it('have no field that their source left empty', () => {
    const empty = line('<effectiveTime nullFlavor="UNK"/><routeCode nullFlavor="NA"/><doseQuantity nullFlavor="UNK" value="7"/><text/>', { mood: 'EVN' });
    expect(Object.keys(empty).sort()).toEqual(['medicine', 'orderId']);
    expect(line('<doseQuantity value="2" unit="1"/>').dose).toEqual({ value: '2' });
    expect(line('<doseQuantity><low value="1"/><high value="2" unit="mL"/></doseQuantity>').dose).toEqual({ value: '1-2', unit: 'mL' });
  });

  it.each([
    [every('<period value="6" unit="h"/>'), 'every 6 hours'],
    [every('<period value="1" unit="d"/>'), 'every day'],
    [every('<period value=".5" unit="d"/>', 'institutionSpecified="true"'), '2 times a day (every 12 hours)'],
    [every('<period value="1" unit="d"/>', 'institutionSpecified="true"'), 'once a day'],
    [every('<period value="2" unit="wk"/>', 'institutionSpecified="true"'), 'every 2 weeks'],
    [every('<period><low value="4" unit="h"/><high value="6" unit="h"/></period>'), 'every 4-6 hours'],
    [every('<event code="HS"/>'), 'at bedtime'],
    [every('<event code="ACM"/>'), 'before breakfast'],
    [`${every('<period value="8" unit="h"/>')}<precondition><criterion><value nullFlavor="NI"/></criterion></precondition>`, 'every 8 hours, as needed'],
    [`<precondition><criterion><value code="1" codeSystem="${SNOMED}" displayName="Pain"/></criterion></precondition>`, 'as needed (Pain)'],
    [every('<period nullFlavor="UNK"/>'), undefined],
  ])('say how often: %s', (xml, text) => expect(timing(xml)?.text).toBe(text));

  it('say from when to when, and for how long', () => {
    expect(timing('<effectiveTime><low value="20260305"/><high value="20260312120000"/></effectiveTime>')).toEqual({ startsAt: '2026-03-05T05:00:00.000Z', endsAt: '2026-03-12T16:00:00.000Z' });
    expect(timing('<effectiveTime><width value="10" unit="d"/></effectiveTime>')).toEqual({ duration: '10 d' });
    expect(timing('<effectiveTime value="202603061000-0500"/>')).toEqual({ startsAt: '2026-03-06T15:00:00.000Z' });
    expect(timing(every('<event code="HS"/>'))).toMatchObject({ code: 'HS' });
  });

  it('carry the directions of the narrative, and the further instruction once', () => {
    const sig = (ref: string): string => `<entryRelationship typeCode="COMP"><substanceAdministration moodCode="INT"><code code="76662-6"/><text><reference value="#${ref}"/></text></substanceAdministration></entryRelationship>`;
    const hint = (words: string): string => `<entryRelationship typeCode="SUBJ"><act><templateId root="2.16.840.1.113883.10.20.22.4.20"/><text>${words}</text></act></entryRelationship>`;
    const text = '<table><tr ID="r1"><td ID="s1">One in the <content>morning</content></td><td>5 March</td></tr></table>';
    expect(line(sig('s1'), {}, text).directions).toBe('One in the morning');
    expect(line(`${sig('s1')}${hint('with food')}${hint('the morning')}`, {}, text).directions).toBe('One in the morning; with food');
    expect(line('<text><reference value="#s1"/></text>', {}, text).directions).toBe('One in the morning');
    // A row holds dates and names too.
    expect(line('<text><reference value="#r1"/></text>', {}, text)).not.toHaveProperty('directions');
  });

  it('are called as their source calls them, and by the code that is understood most widely', () => {
    const named = (code: string, more = ''): PrescriptionSaid['medicine'] | undefined =>
      lines(entry(`<substanceAdministration moodCode="EVN">${more}<consumable><manufacturedProduct><manufacturedMaterial>${code}</manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>`), { text: '<content ID="n1">Testformin 500</content>' })[0]?.medicine;
    expect(named(`<code code="99" codeSystem="2.16.840.1.113883.6.69" displayName="NDC name"><originalText><reference value="#n1"/></originalText><translation code="860975" codeSystem="${RXNORM}" displayName="Testformin"/></code>`))
      .toEqual({ text: 'Testformin 500', code: '860975', system: 'http://www.nlm.nih.gov/research/umls/rxnorm', display: 'Testformin' });
    expect(named('<code nullFlavor="OTH"/><name>Compounded mouthwash</name>')).toEqual({ text: 'Compounded mouthwash' });
    expect(named('<code nullFlavor="UNK"/>', '<text>Trial drug, one daily</text>')).toEqual({ text: 'Trial drug, one daily' });
    expect(named(`<code code="410942007" codeSystem="${SNOMED}" displayName="Drug or medicament"/>`)).toBeUndefined();
  });

  it('end only where their source says when; "completed" alone is what many write of every entry', () => {
    const completed = '<statusCode code="completed"/>';
    const written = (times: string, more = ''): PrescriptionSaid => lines(entry(medicine(`${times}${more}`).replace('<statusCode code="active"/>', completed)))[0]!;
    expect(written('<effectiveTime><low value="20260101"/><high value="20260201"/></effectiveTime>').status).toBe('completed');
    expect(written('<effectiveTime value="20260304"/>').status).toBe('completed');
    expect(written(SPAN)).not.toHaveProperty('status');
    expect(written('<effectiveTime><high value="20270201"/></effectiveTime>')).not.toHaveProperty('status');
    const active = '<entryRelationship typeCode="REFR"><observation><code code="33999-4"/><value code="55561003"/></observation></entryRelationship>';
    expect(written('<effectiveTime><high value="20260201"/></effectiveTime>', active)).not.toHaveProperty('status');
    for (const [code, status] of [['aborted', 'stopped'], ['suspended', 'on-hold'], ['cancelled', 'cancelled'], ['active', undefined]] as const)
      expect(lines(entry(medicine('').replace('"active"', `"${code}"`)))[0]!.status).toBe(status);
  });

  it('that are not taken are none', () => {
    expect(lines(entry(medicine('', { attributes: 'negationInd="true"' })))).toEqual([]);
    expect(lines(entry(`<act negationInd="true"><entryRelationship>${medicine('')}</entryRelationship></act>`))).toEqual([]);
    expect(lists(section('10160-0', entry(medicine(''))).replace('<section>', '<section nullFlavor="NI">'))).toEqual([]);
    expect(lists(section('11369-6', entry(medicine(''))))).toEqual([]);
  });

  it('of the stay are told apart from what somebody takes at home; a dose that was given is one', () => {
    const [ofStay, others] = lists(section('42346-7', entry(medicine('', { mood: 'EVN', id: 'home' }))), section('29549-3', entry(medicine('', { mood: 'EVN', id: 'given' }))), section('75311-1', entry(`<act><entryRelationship>${medicine('', { id: 'out' })}</entryRelationship></act>`)));
    expect(ofStay).toMatchObject({ stay: { visit: { value: 'V700001' } }, prescription: { orderId: '2.999.1.5^out', basis: 'ordered' }, more: [{ orderId: '2.999.1.5^given', basis: 'administered' }] });
    expect(others).toMatchObject({ prescription: { orderId: '2.999.1.5^home' } });
    expect(others).not.toHaveProperty('stay');
    expect(others).not.toHaveProperty('prescription.basis');
  });

  it('listed twice are one; two of one number are told apart by their place', () => {
    expect(lines(`${entry(medicine(''))}${entry(medicine(''))}${entry(medicine('<doseQuantity value="2"/>'))}`)).toMatchObject([{ orderId: '2.999.1.5^M-1' }, { orderId: '2.999.1.5^M-1', place: 2, dose: { value: '2' } }]);
  });

  it('flag what is not taken along: a tapering dose, an entry without a name', () => {
    const flags = (entries: string): readonly string[] => parts([section('10183-2', entries)])[0]!.flags;
    expect(flags(entry(medicine(`<entryRelationship typeCode="COMP">${medicine('')}</entryRelationship>`)))).toEqual(['authority-not-mapped', 'dose-steps-not-read']);
    expect(flags(entry('<substanceAdministration moodCode="EVN"/>'))).toEqual(['authority-not-mapped', 'order-without-medicine']);
  });
});
