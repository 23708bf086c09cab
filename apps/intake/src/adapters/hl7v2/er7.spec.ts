import fc from 'fast-check';
import { isCharacterSet, parseEr7, separatorsOf, type Er7Message } from './er7.js';

const read = (text: string | Buffer): Er7Message => {
  const result = parseEr7(typeof text === 'string' ? Buffer.from(text, 'utf8') : text);
  if ('unreadable' in result) throw new Error(result.unreadable.text);
  return result.message;
};
const why = (text: string | Buffer): string => {
  const result = parseEr7(typeof text === 'string' ? Buffer.from(text, 'utf8') : text);
  return 'unreadable' in result ? `${result.unreadable.code} ${result.unreadable.where ?? ''}`.trim() : 'readable';
};
const MSH = 'MSH|^~\\&|WARDS|NSH|US|HERE|20260305||ADT^A03^ADT_A03|c1|P|2.5.1';

describe('ER7', () => {
  it.each([['CR', '\r'], ['LF', '\n'], ['CRLF', '\r\n'], ['CR and LF mixed, blank lines', '\r\n\r\r\n']])('takes %s between segments', (_name, end) => {
    const message = read([MSH, 'EVN|A03', 'PID|1||7'].join(end));
    expect(message.segments.map((one) => one.name)).toEqual(['MSH', 'EVN', 'PID']);
    expect(message.first('PID')?.text(3)).toBe('7');
  });

  it('counts the separator as MSH-1', () => {
    const msh = read(MSH).first('MSH')!;
    expect([msh.raw(1), msh.raw(2), msh.text(3), msh.text(9, 2), msh.text(10)]).toEqual(['|', '^~\\&', 'WARDS', 'A03', 'c1']);
  });

  it('reads repetitions, components, subcomponents and the explicit null', () => {
    const pid = read(`${MSH}\rPID|1||7^^^A&1.2&ISO^MR~8^^^B^PI||""^X`).first('PID')!;
    expect(pid.repetitions(3).map((one) => [pid.part(one, 1), pid.part(one, 4), pid.part(one, 4, 2), pid.part(one, 5)])).toEqual([['7', 'A', '1.2', 'MR'], ['8', 'B', '', 'PI']]);
    expect([pid.isNull(5), pid.isNull(3), pid.text(99)]).toEqual([true, false, '']);
  });

  it('resolves escapes, keeps what it does not know', () => {
    const text = (value: string): string => read(`${MSH}\rNTE|${value}`).first('NTE')!.text(1);
    expect(text('a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f')).toBe('a|b^c&d~e\\f');
    expect(text('\\X4869\\ \\H\\bold\\N\\ one\\.br\\two')).toBe('Hi bold one\ntwo');
    expect(text('\\Zwhat\\ open\\')).toBe('\\Zwhat\\ open\\');
  });

  it.each([
    ['MSH!^~\\&!A!B', '!'],
    ['MSH|^~\\\\&|A|B', '|'],
    ['MSH|^|A|B', '|'],
  ])('takes the separators of %s', (header, field) => {
    expect(separatorsOf(header)).toMatchObject({ field, component: '^', repetition: '~', escape: '\\', subcomponent: '&' });
  });

  it.each(['MSH', 'MSHA^~\\&', 'MSH\u00f0|^~\\&', 'MSH|^~\\\u00e9', 'MSH|0000|', 'MSH|^^~&|', 'MSH||'])('does not guess at %s', (header) => {
    expect(header === 'MSH||' ? separatorsOf(header) !== undefined : separatorsOf(header) === undefined).toBe(true);
  });

  it('reads UTF-8 with its mark, a declared Latin-1, and bytes that are neither', () => {
    const name = (bytes: Buffer): string => read(bytes).first('PID')!.text(5);
    const latin = (header: string): Buffer => Buffer.from(`${header}\rPID|1||7||Müller`, 'latin1');
    expect(name(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(`${MSH}\rPID|1||7||Müller`, 'utf8')]))).toBe('Müller');
    expect(name(latin(`${MSH}||||||8859/1`))).toBe('Müller');
    expect(name(latin(MSH))).toBe('Müller');
    expect(read(latin(MSH)).quirks).toEqual(['charset-guessed']);
  });

  it('says why it cannot read', () => {
    expect(why('')).toBe('100 MSH');
    expect(why('PID|1')).toBe('100 MSH');
    expect(why('MSH\u0000|^~\\&|A')).toMatch(/^10[02] MSH/);
    expect(why('MSH|0000|x')).toBe('102 MSH-2');
    expect(why(`${MSH}\r\u000bMSH|^~\\&|`)).toBe('102');
    expect(why(`${MSH}\r${'NTE|1\r'.repeat(10_000)}`)).toBe('100');
    expect(read(`${MSH}\r${'NTE|1\r'.repeat(9_999)}`).segments).toHaveLength(10_000);
  });

  it('leaves out lines that are no segments, and says so', () => {
    expect(read(`${MSH}\rthis is not a segment\rPID|1||7`)).toMatchObject({ quirks: ['stray-lines'], segments: { length: 2 } });
  });

  it('never throws, whatever the bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one));
    fc.assert(fc.property(bytes, (tail) => {
      parseEr7(tail);
      const result = parseEr7(Buffer.concat([Buffer.from(`${MSH}\rPID|`), tail]));
      if ('message' in result) for (const one of result.message.segments) for (let field = 0; field < 6; field += 1) for (const part of one.repetitions(field)) one.part(part, 1);
    }));
  });

  it('knows the character sets that may be set for a sender', () => {
    expect(['8859/1', '8859/15', 'ISO 8859-2', 'iso-8859-9', 'UTF-8', 'UNICODE UTF-8', 'windows-1252', ''].map(isCharacterSet)).toEqual([true, true, true, true, false, false, false, false]);
  });
});
