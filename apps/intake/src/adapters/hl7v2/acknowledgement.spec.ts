import { acceptCondition, ackCodeFor, acknowledge, wantsAnswer, type AnyAckCode } from './acknowledgement.js';
import type { Reason } from './er7.js';

const own = { id: 'OWN1', now: new Date('2026-03-05T16:20:00Z') };
const ack = (message: string | Buffer, code: AnyAckCode = 'AA', reasons: readonly Reason[] = []): readonly string[] =>
  acknowledge(Buffer.isBuffer(message) ? message : Buffer.from(message), { code, reasons }, own).toString('latin1').split('\r');

describe('the acknowledgement', () => {
  it('turns the message round and echoes what it has to', () => {
    expect(ack('MSH|^~\\&|WARDS|NSH^1.2^ISO|US|HERE|20260305||ADT^A03^ADT_A03|c 1|T^A|2.5.1\rPID|1')).toEqual([
      'MSH|^~\\&|US|HERE|WARDS|NSH^1.2^ISO|20260305162000+0000||ACK^A03^ACK|OWN1|T^A|2.5.1', 'MSA|AA|c 1', '',
    ]);
  });

  it('answers in the sender’s separators, and gives every byte back', () => {
    const [msh, msa] = ack(Buffer.from('MSH#*~\\&#W#N#U#H#2026##ADT*A01#id\xff\xe9#P#2.3\r', 'latin1'));
    expect(msh).toContain('#ACK*A01*ACK#');
    expect(msa).toBe('MSA#AA#id\xff\xe9');
  });

  it('says what is wrong in MSA-3, and in ERR as the version has it', () => {
    const reasons: readonly Reason[] = [{ code: 101, where: 'PID-3', text: 'No number that says who | the ^patient is' }];
    expect(ack('MSH|^~\\&|W|N|U|H|2026||ADT^A01|c|P|2.5.1', 'AE', reasons).slice(1)).toEqual([
      'MSA|AE|c|PID-3: No number that says who the patient is', 'ERR||PID^1^3|101^Required field missing^HL70357|E||||No number that says who the patient is', '',
    ]);
    expect(ack('MSH|^~\\&|W|N|U|H|2026||ADT^A01|c|P|2.3', 'AE', reasons)[2]).toBe('ERR|PID^1^3^101&Required field missing&HL70357');
  });

  it('follows MSH-15 in the enhanced mode', () => {
    const header = (condition: string): Buffer => Buffer.from(`MSH|^~\\&|W|N|U|H|2026||ADT^A01|c|P|2.5.1|||${condition}|AL\rPID|1`);
    expect(['AL', 'NE', '', 'er'].map((condition) => acceptCondition(header(condition)))).toEqual(['AL', 'NE', '', 'ER']);
    const wanted = (condition: string): readonly boolean[] => (['AA', 'AE', 'AR'] as const).map((code) => wantsAnswer(condition, code));
    expect([wanted('AL'), wanted(''), wanted('NE'), wanted('ER'), wanted('SU')]).toEqual([[true, true, true], [true, true, true], [false, false, false], [false, true, true], [true, false, false]]);
    expect(ack('MSH|^~\\&|W|N|U|H|2026||ADT^A01|c|P|2.5.1', 'CA')[1]).toBe('MSA|CA|c');
  });

  it('keeps MSA-3 within 80 characters', () => {
    expect(ack('MSH|^~\\&|W|N|U|H|2026||ADT^A01|c|P|2.3', 'AE', [{ code: 100, text: 'x'.repeat(300) }])[1]!.split('|')[3]).toHaveLength(80);
  });

  it.each(['', 'garbage', 'MSH', 'MSHx'])('answers %j too', (message) => {
    const [msh, msa] = ack(message, 'AE', [{ code: 100, text: 'no header' }]);
    expect(msh).toMatch(/^MSH\|\^~\\&\|\|\|\|\|20260305162000\+0000\|\|ACK\|OWN1\|\|$/);
    expect(msa).toBe('MSA|AE||no header');
  });

  it('gives the control id back although MSH-2 cannot be used', () => {
    const answered = (message: string): readonly string[] => ack(message, 'AE', [{ code: 102, where: 'MSH-2', text: 'ambiguous' }]);
    expect(answered('MSH|^&&^|W|N|U|H|2026||ADT^A01|0123|P|2.6').slice(0, 2)).toEqual(['MSH|^~\\&|U|H|W|N|20260305162000+0000||ACK^A01^ACK|OWN1|P|2.6', 'MSA|AE|0123|MSH-2: ambiguous']);
    expect(answered('MSH!$r?@!W!N!U!H!2026!!RSP^SLI!7!D!2.5')[1]).toBe('MSA!AE!7!MSH-2: ambiguous');
  });

  it('rejects what a sender cannot correct in the message', () => {
    const code = (...codes: Reason['code'][]): string => ackCodeFor(codes.map((one) => ({ code: one, text: '' })));
    expect([code(101), code(100, 204), code(200), code(101, 203), code(207)]).toEqual(['AE', 'AE', 'AR', 'AR', 'AR']);
  });
});
