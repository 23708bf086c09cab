import type { StatementSaid } from '../../domain/statement.js';
import { translate, type TranslationContext } from './translate.js';

const context: TranslationContext = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: {} };

const PID = 'PID|1||700001^^^NSH^MR||Testperson^Avery||19510407|F';
/** Fields of SCH by number; the rest is empty. */
const sch = (fields: Readonly<Record<number, string>>): string => ['SCH', ...Array.from({ length: 25 }, (_, at) => fields[at + 1] ?? '')].join('|');
const read = (trigger: string, ...segments: readonly string[]) =>
  translate(Buffer.from([`MSH|^~\\&|CAL|NORTHSHORE|U|H|20260305120000-0500||SIU^${trigger}^SIU_S12|c1|P|2.5.1`, ...segments, ''].join('\r')), context);
type Appointment = StatementSaid & { kind: 'appointment' };
const one = (trigger: string, ...segments: readonly string[]): Appointment => {
  const found = read(trigger, ...segments);
  if (found.kind !== 'readable' || found.said.what !== 'statements') throw new Error(JSON.stringify(found));
  return found.said.statements[0] as Appointment;
};
const reasons = (trigger: string, ...segments: readonly string[]): readonly string[] => {
  const found = read(trigger, ...segments);
  return found.kind === 'unreadable' ? found.reasons.map(({ code, where }) => `${code} ${where}`) : [found.kind];
};
const BOOKED = sch({ 1: 'AP1^CAL', 2: 'F1', 11: '^^^20260312093000-0500^20260312095000-0500' });

describe('appointments in a sender’s calendar', () => {
  it('are read with number, times, kind, reason, place and people', () => {
    const found = one('S12', sch({ 1: 'AP1^CAL', 2: 'F1', 6: 'ADD', 7: 'FU^Follow-up', 8: 'CARD^Cardiology visit^L', 11: '^^^20260312093000-0500^20260312095000-0500' }), PID,
      'RGS|1', 'AIS|1||ECHO^Echocardiogram^L', 'AIL|1||CL1^R2^^NORTH', 'AIP|1||77^Testdoctor^Robin^^^Dr', 'AIP|2||78^Testnurse');
    expect(found).toEqual({
      kind: 'appointment', number: 'AP1^CAL',
      says: {
        status: 'booked', kind: { code: 'CARD', system: 'L', text: 'Cardiology visit' }, reason: { code: 'FU', text: 'Follow-up' },
        startsAt: '2026-03-12T14:30:00.000Z', endsAt: '2026-03-12T14:50:00.000Z', place: 'CL1 R2, NORTH', with: 'Robin Testdoctor; Testnurse',
      },
    });
  });

  it('say nothing where a field is empty', () => {
    expect(one('S12', sch({ 2: 'F1', 8: 'Normal', 9: '30' }), PID, 'AIP|1||77')).toEqual({ kind: 'appointment', number: 'F1', says: { status: 'booked' } });
  });

  it.each([['S12', 'booked'], ['S13', 'booked'], ['S14', 'booked'], ['S15', 'cancelled'], ['S16', 'cancelled'], ['S17', 'cancelled'], ['S18', 'booked'], ['S20', 'booked'], ['S26', 'missed']])('of %s are %s', (trigger, status) => {
    expect(one(trigger, BOOKED, PID).says.status).toBe(status);
  });

  it('were none where they are deleted', () => {
    expect(one('S17', BOOKED, PID)).toMatchObject({ withdrawn: true });
    expect(one('S14', sch({ 1: 'AP1', 25: 'Deleted' }), PID)).toMatchObject({ withdrawn: true, says: { status: 'cancelled' } });
    expect(one('S15', BOOKED, PID)).not.toHaveProperty('withdrawn');
  });

  it.each([['S14', 'Started', 'arrived'], ['S14', 'Complete', 'kept'], ['S14', 'No Show', 'missed'], ['S12', 'Pending', 'proposed'], ['S14', 'Cancelled^^HL70278', 'cancelled'], ['S14', 'Local word', 'booked'], ['S15', 'Booked', 'cancelled']])('of %s with the calendar’s status "%s" are %s', (trigger, filler, status) => {
    expect(one(trigger, sch({ 1: 'AP1', 25: filler }), PID).says.status).toBe(status);
  });

  it('take their times from TQ1, else SCH-11, else from what is booked', () => {
    const times = (...segments: readonly string[]): unknown => {
      const { startsAt, endsAt } = one('S12', ...segments).says;
      return [startsAt?.slice(11, 16), endsAt?.slice(11, 16)];
    };
    expect(times(BOOKED, 'TQ1|1||||||20260312100000-0500|20260312103000-0500', PID)).toEqual(['15:00', '15:30']);
    expect(times(sch({ 1: 'A', 9: '45', 10: 'min', 11: '^^^20260312093000-0500' }), PID)).toEqual(['14:30', '15:15']);
    expect(times(sch({ 1: 'A' }), PID, 'AIS|1||X', 'AIS|2||Y|20260312110000-0500|||1|HR')).toEqual(['16:00', '17:00']);
    expect(times(sch({ 1: 'A' }), PID, 'AIP|1||77|||20260312110000-0500|||20|MIN')).toEqual(['16:00', '16:20']);
    expect(times(sch({ 1: 'A', 9: '45', 11: '^^^20260312093000-0500^20260311' }), PID)).toEqual(['14:30', undefined]);
    expect(times(sch({ 1: 'A', 9: '-5', 10: 'min', 11: '^^^tomorrow' }), PID)).toEqual([undefined, undefined]);
  });

  it('are for the booked service where SCH-8 only says how firm they are', () => {
    expect(one('S12', sch({ 1: 'A', 8: 'Normal^Routine' }), PID, 'AIS|1||ECHO^Echocardiogram').says.kind).toEqual({ code: 'ECHO', text: 'Echocardiogram' });
  });

  it('of a group are each patient’s', () => {
    expect(read('S12', BOOKED, PID, 'PID|2||700002^^^NSH^MR', 'RGS|1', 'AIL|1||CL1')).toMatchObject({
      said: { what: 'bundle', parts: [{ patient: { identifiers: [{ value: '700001' }] }, statements: [{ says: { place: 'CL1' } }] }, { patient: { identifiers: [{ value: '700002' }] }, statements: [{ says: { place: 'CL1' } }] }] },
    });
  });

  it('cannot be read without a patient or SCH; blocked slots are not handled', () => {
    expect(reasons('S12', BOOKED)).toEqual(['100 PID']);
    expect(reasons('S12', PID)).toEqual(['100 SCH']);
    expect(reasons('S23', BOOKED, PID)).toEqual(['201 MSH-9']);
  });
});
