/** Documents that a made-up hospital might write about made-up persons, part by part. */

export const LOINC = '2.16.840.1.113883.6.1';
export const RXNORM = '2.16.840.1.113883.6.88';
export const SNOMED = '2.16.840.1.113883.6.96';
const NAMESPACES = 'xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
export const NORTH = '2.999.1.1';

export interface Written {
  readonly id?: string;
  readonly code?: string;
  readonly time?: string;
  readonly more?: string;
  readonly role?: string;
  readonly encounter?: string;
  readonly sections?: readonly string[];
}

export const section = (code: string, entries: string, text = ''): string =>
  `<component><section><code code="${code}" codeSystem="${LOINC}"/><title>T</title><text>${text}</text>${entries}</section></component>`;
export const entry = (inner: string): string => `<entry>${inner}</entry>`;

export const ROLE = `<id root="${NORTH}" extension="700001"/><id root="2.16.840.1.113883.4.1" extension="999-00-0001"/><telecom value="mailto:a@b.example"/><telecom use="HP" value="tel:+1-555-0100"/>
  <patient><name use="P"><given>Dee</given><family>Nickname</family></name><name use="L"><given>Ada</given><given>Q</given><family qualifier="BR">Before</family><family>Marlow</family></name>
  <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19510407"/><sdtc:deceasedInd value="false"/>
  <languageCommunication><languageCode code="en-US"/></languageCommunication><languageCommunication><languageCode code="es"/><preferenceInd value="true"/></languageCommunication></patient>`;

export const STAY = `<encompassingEncounter><id root="2.999.1.2" extension="V700001"/><code code="IMP" codeSystem="2.16.840.1.113883.5.4"/>
  <effectiveTime><low value="202603020815-0500"/><high value="202603051120-0500"/></effectiveTime>
  <dischargeDispositionCode code="01" codeSystem="2.16.840.1.113883.6.301.5"/>
  <location><healthCareFacility><id root="2.999.1.3" extension="NORTH"/><location><name>North Shore</name></location></healthCareFacility></location></encompassingEncounter>`;

export const clinicalDocument = ({ id = `<id root="2.999.1.9" extension="DOC-1"/>`, code = '18842-5', time = '20260305180000-0500', more = '', role = ROLE, encounter = STAY, sections = [] }: Written = {}): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument ${NAMESPACES}><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>${id}<code code="${code}" codeSystem="${LOINC}" displayName="Kind"/>
  <title>Title</title><effectiveTime value="${time}"/>${more}<recordTarget><patientRole>${role}</patientRole></recordTarget>
  ${encounter === '' ? '' : `<componentOf>${encounter}</componentOf>`}<component><structuredBody>${sections.join('')}</structuredBody></component></ClinicalDocument>`;

/** A medicine: what else is said of it stands in `inner`. */
export const medicine = (inner: string, { mood = 'INT', name = 'Testformin 500 MG Oral Tablet', id = 'M-1', attributes = '' } = {}): string =>
  `<substanceAdministration classCode="SBADM" moodCode="${mood}" ${attributes}><id root="2.999.1.5" extension="${id}"/><statusCode code="active"/>${inner}
  <consumable><manufacturedProduct><manufacturedMaterial><code code="860975" codeSystem="${RXNORM}" displayName="${name}"/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>`;

const concern = (observation: string): string => entry(`<act classCode="ACT" moodCode="EVN"><statusCode code="active"/><entryRelationship typeCode="SUBJ">${observation}</entryRelationship></act>`);
export const problem = (inner: string, attributes = ''): string => concern(`<observation classCode="OBS" moodCode="EVN" ${attributes}><templateId root="2.16.840.1.113883.10.20.22.4.4"/><id root="2.999.1.6" extension="P-1"/>${inner}</observation>`);
export const allergy = (inner: string, attributes = ''): string => concern(`<observation classCode="OBS" moodCode="EVN" ${attributes}><templateId root="2.16.840.1.113883.10.20.22.4.7"/><id root="2.999.1.7" extension="A-1"/>${inner}</observation>`);
export const substance = (code: string): string => `<participant typeCode="CSM"><participantRole><playingEntity>${code}</playingEntity></participantRole></participant>`;
