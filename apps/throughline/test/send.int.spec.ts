import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@throughline/local-servers/ports';
import { Journal, readJournal } from '../src/send/journal.js';
import { messagesIn, readMessages } from '../src/send/read-messages.js';
import { send, tallyLine, type SendOptions } from '../src/send/send.js';
import { type Behaviour, mllpPeer, type MllpPeer } from './mllp-peer.js';

const adt = (id: string, patient = id, end = '\r'): string => [`MSH|^~\\&|ADT|GOOD|TL|TL|20260101||ADT^A03^ADT_A03|${id}|P|2.5.1`, 'EVN||20260101', `PID|1||${patient}^^^GOOD^MR||Sample^Ann`, 'PV1|1|I'].join(end) + end;

let folder: string;
let peer: MllpPeer | undefined;
const lines: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'send-'));
  lines.length = 0;
});
afterEach(async () => {
  await peer?.stop();
  peer = undefined;
  rmSync(folder, { recursive: true });
});

const sending = async (texts: readonly string[], behave?: Behaviour, more: Partial<SendOptions> = {}) => {
  peer = await mllpPeer(behave);
  return send(texts.flatMap((text) => messagesIn(Buffer.from(text, 'latin1'), 'f')), { host: '127.0.0.1', port: peer.port, connections: 1, timeoutMs: 5_000, persistMs: 5_000, say: (line) => lines.push(line), ...more });
};

describe('reading messages', () => {
  it.each([
    ['CR', adt('1') + adt('2')],
    ['LF', adt('1', '1', '\n') + adt('2', '2', '\n')],
    ['CRLF', adt('1', '1', '\r\n') + adt('2', '2', '\r\n')],
    ['a stream with blank lines', `${adt('1')}\n\n${adt('2')}\n\n`],
    ['ends of line written twice', adt('1', '1', '\r\r\n') + adt('2', '2', '\n\n')],
    ['MLLP frames', `\x0b${adt('1')}\x1c\r\x0b${adt('2')}\x1c\r`],
    ['a batch', `FHS|^~\\&|A\rBHS|^~\\&|A\r${adt('1')}${adt('2')}BTS|2\rFTS|1\r`],
  ])('%s', (_name, text) => {
    const messages = messagesIn(Buffer.from(text, 'latin1'), 'f');
    expect(messages.map(({ bytes }) => bytes.toString('latin1'))).toEqual([adt('1'), adt('2')]);
    expect(messages.map(({ controlId, sender, from }) => [controlId, sender, from])).toEqual([
      ['1', 'ADT|GOOD', 'f#1'],
      ['2', 'ADT|GOOD', 'f#2'],
    ]);
  });

  it('keeps every byte that is not ASCII, and messages without a usable header', () => {
    const [umlaut] = messagesIn(Buffer.from(`MSH|^~\\&|A|B|C|D|1||ADT^A03|9|P|2.5\rPID|||1||M\xfcller\r`, 'latin1'), 'f');
    expect(umlaut!.bytes.includes(0xfc)).toBe(true);
    expect(messagesIn(Buffer.from('hello\r'), 'f')).toHaveLength(1);
    const between = messagesIn(Buffer.from(`${adt('1')}\n\n// what follows is another\n${adt('2')}`), 'f');
    expect(between.map(({ controlId }) => controlId)).toEqual(['1', '', '2']);
  });

  it('takes a folder with its folders, in the order of names, and leaves other files alone', async () => {
    mkdirSync(join(folder, 'b'));
    writeFileSync(join(folder, 'b', 'two.hl7'), adt('2'));
    writeFileSync(join(folder, 'a.hl7'), adt('1'));
    writeFileSync(join(folder, 'SOURCE.txt'), 'where they are from');
    expect((await readMessages(folder)).map(({ controlId }) => controlId)).toEqual(['1', '2']);
    await expect(readMessages(join(folder, 'nothing'))).rejects.toThrow('There is no file or folder');
  });
});

describe('sending', () => {
  it('counts every kind of answer and says a line for each that is not positive', async () => {
    const codes = ['AA', 'CA', 'AE', 'AR', 'XX', 'wrong id'] as const;
    const tally = await sending(codes.map((_code, n) => adt(`m${n}`)), (_message, n) => codes[n]!);
    expect(tallyLine(tally)).toBe('sent 6, AA 2, AE 1, AR 1, other 2, unanswered 0');
    expect(lines).toEqual([expect.stringContaining('AE m2 (f#1): AE because'), expect.stringContaining('AR m3'), expect.stringContaining('other m4'), expect.stringContaining('the answer is for another')]);
  });

  it('journals what was accepted, and nothing else', async () => {
    const path = join(folder, 'journal');
    const journal = new Journal(path);
    await sending([adt('1'), adt('2'), adt('3')], (_message, n) => (n === 1 ? 'AE' : 'AA'), { journal });
    journal.close();
    expect(readJournal(path)).toEqual(['1', '3'].map((controlId) => ({ controlId, sender: 'ADT|GOOD', hash: expect.stringMatching(/^[0-9a-f]{64}$/), at: expect.stringMatching(/Z$/) })));
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"controlId":"torn`);
    expect(readJournal(path)).toHaveLength(2);
  });

  it('sends again when the connection breaks before the answer', async () => {
    const tally = await sending([adt('1'), adt('2')], (_message, n) => (n === 1 ? 'hang up' : 'AA'));
    expect(tallyLine(tally)).toBe('sent 2, AA 2, AE 0, AR 0, other 0, unanswered 0');
    expect(peer!.messages).toHaveLength(3);
    expect(peer!.messages[2]).toBe(peer!.messages[1]);
  });

  it('gives up an answer that does not come, and goes on with the next message', async () => {
    const tally = await sending([adt('1'), adt('2')], (_message, n) => (n === 0 ? 'silence' : 'AA'), { timeoutMs: 200 });
    expect(tallyLine(tally)).toBe('sent 2, AA 1, AE 0, AR 0, other 0, unanswered 1');
    expect(lines).toEqual([expect.stringContaining('unanswered 1 (f#1): no answer within 0.2 s')]);
  });

  it('keeps the order of a patient over several connections', async () => {
    const texts = Array.from({ length: 60 }, (_, n) => adt(`m${n}`, `p${n % 7}`));
    await sending(texts, undefined, { connections: 4 });
    const order = peer!.messages.map((message) => ({ id: Number(message.split('|')[9]!.slice(1)), patient: /PID\|1\|\|(\w+)/.exec(message)![1]! }));
    for (let patient = 0; patient < 7; patient += 1) {
      const ids = order.filter((entry) => entry.patient === `p${patient}`).map(({ id }) => id);
      expect(ids).toEqual([...ids].sort((a, b) => a - b));
    }
    expect(order).toHaveLength(60);
  });

  it('says so when nothing listens', async () => {
    const port = await freePort();
    await expect(send(messagesIn(Buffer.from(adt('1')), 'f'), { host: '127.0.0.1', port, connections: 1, timeoutMs: 100, persistMs: 100, say: () => undefined })).rejects.toThrow(`Nothing answers MLLP at 127.0.0.1:${port}`);
  });
});
