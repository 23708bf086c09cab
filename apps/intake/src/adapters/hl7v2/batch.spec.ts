import fc from 'fast-check';
import { adt } from '@throughline/testing/hl7-builder';
import { batchAnswer, batchIn } from './batch.js';

const FHS = 'FHS|^~\\&|WARDS|NSH|U|H|20260305\r';
const BHS = 'BHS|^~\\&|WARDS|NSH|U|H|20260305||||B77\r';
const [ONE, TWO] = [adt('A01', { controlId: 'b1' }), adt('A03', { controlId: 'b2' })];
const parts = (text: string): readonly (readonly [string, boolean])[] | undefined => batchIn(Buffer.from(text))?.messages.map(({ bytes, cut }) => [bytes.toString(), cut] as const);

describe('a batch', () => {
  it('is cut into its messages, to the byte', () => {
    const whole = [[ONE, false], [TWO, false]];
    expect(parts(`${FHS}${BHS}${ONE}${TWO}BTS|2\rFTS|1\r`)).toEqual(whole);
    expect(parts(`\ufeff${BHS}${ONE}${TWO}BTS|2`)).toEqual(whole);
    expect(parts(`${FHS}${ONE}${TWO}FTS\r`)).toEqual(whole);
    expect(parts(`${FHS}${BHS}${ONE}BTS|1\r${BHS}${TWO}BTS|1\rFTS|2\r`)).toEqual(whole);
    const fed = (text: string): string => text.replaceAll('\r', '\r\n');
    expect(parts(fed(`${BHS}${ONE}${TWO}BTS|2\r  \r`))).toEqual([[fed(ONE), false], [fed(TWO), false]]);
  });

  it('is no batch without its header, with nothing in it, or with more than real ones have', () => {
    expect([parts(`${BHS}${'MSH|\r'.repeat(10_000)}`)?.length, parts(`${BHS}${'MSH|\r'.repeat(10_001)}`)]).toEqual([10_000, undefined]);
    for (const text of [ONE, `${ONE}${TWO}`, `${BHS}BTS|0\r`, `${FHS}FTS|0\r`, 'BHSX|1\rMSH|', '', 'FHS']) expect(parts(text)).toBeUndefined();
  });

  it('that nothing closes leaves its last message in doubt, and only that', () => {
    expect(parts(`${BHS}${ONE}${TWO}`)).toEqual([[ONE, false], [TWO, true]]);
    expect(parts(`${FHS}${ONE}${TWO.slice(0, 80)}`)).toEqual([[ONE, false], [TWO.slice(0, 80), true]]);
    expect(parts(`${FHS}${BHS}${ONE}${TWO}BTS|2\r`)).toEqual([[ONE, false], [TWO, false]]);
  });

  it('loses nothing that stands where no message should', () => {
    expect(parts(`${BHS}PID|1||7\r${ONE}BTS|1\rFTS|1\rPID|2\r${TWO}`)).toEqual([['PID|1||7\r', false], [ONE, false], ['PID|2\r', false], [TWO, false]]);
  });

  it('gives back every byte but those of its envelope, whatever is in it', () => {
    const line = fc.constantFrom('MSH|^~\\&|a', 'PID|1', 'FHS|x', 'BHS|x', 'BTS|1', 'FTS', 'MSHX', '  ZZ1|x', 'text');
    fc.assert(fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      const found = batchIn(Buffer.from(`BHS|^~\\&\r${lines.map((one) => `${one}\r`).join('')}`))?.messages ?? [];
      const kept = lines.filter((one) => !/^(FHS|BHS|BTS|FTS)/.test(one)).map((one) => `${one}\r`.trim());
      expect(found.map(({ bytes }) => bytes.toString()).join('').split('\r').map((one) => one.trim()).filter((one) => one !== '')).toEqual(kept);
    }));
  });

  it('is answered as one, turned round, with how many answers there are', () => {
    const answer = batchAnswer(BHS.trimEnd(), [Buffer.from('MSH|1\rMSA|AA|b1\r'), Buffer.from('MSH|2\rMSA|AE|b2\r')], { id: 'OWN1', now: new Date('2026-03-05T16:20:00Z') });
    expect(answer.toString().split('\r')).toEqual(['BHS|^~\\&|U|H|WARDS|NSH|20260305162000+0000||||OWN1|B77', 'MSH|1', 'MSA|AA|b1', 'MSH|2', 'MSA|AE|b2', 'BTS|2', '']);
    expect(batchAnswer('BHS', [], { id: 'OWN1', now: new Date(0) }).toString()).toMatch(/^BHS\|\^~\\&\|\|\|\|\|.*\|OWN1\|\rBTS\|0\r$/);
  });
});
