import { adt } from '@throughline/testing/hl7-builder';
import { NotStored, type Arrival, type Receiver } from '../../application/ports.js';
import { answerFrames } from './answer-frame.js';

const PEER = { address: '192.0.2.1', names: [] };
const now = new Date('2026-03-06T00:00:00Z');

/** Keeps what arrives; from the message with this control id on it cannot. */
const receiver = (failsAt?: string): Receiver & { readonly kept: readonly Arrival[] } => {
  const kept: Arrival[] = [];
  return {
    kept,
    receive: (arrival) => {
      if (arrival.controlId === failsAt) return Promise.reject(new NotStored());
      kept.push(arrival);
      return Promise.resolve({ inboundId: arrival.controlId, answer: 'said' in arrival.content ? 'AA' : arrival.content.answer, repeat: false });
    },
    receiveOnce: () => Promise.reject(new Error('not asked for here')),
    nameOf: ({ controlId }) => ({ inboundId: controlId }),
  };
};

const answered = async (frame: string, into: Receiver = receiver(), acknowledge: 'original' | 'enhanced' = 'original'): Promise<readonly string[] | undefined> => {
  const answer = answerFrames({ receiver: into, clock: { now: () => now }, defaultZone: 'America/New_York', rules: { onlyKnown: false, senders: { 'WARDS|NORTHSHORE': { acknowledge } } }, told: () => undefined });
  const reply = await answer({ kind: 'message', bytes: Buffer.from(frame) }, PEER);
  return reply?.toString('latin1').split('\r').filter((line) => /^(BHS|MSA|BTS)/.test(line)).map((line) => line.split('|').slice(0, 3).join('|').replace('|^~\\&', ''));
};

const BHS = 'BHS|^~\\&|WARDS|NORTHSHORE|THROUGHLINE|CARE|20260305||||B77\r';
const message = (controlId: string, options = {}): string => adt('A08', { controlId, ...options });
const ACK = 'MSH|^~\\&|A|B|C|D|2026||ACK^A03|1|P|2.5\rMSA|AA|1\r';

describe('a frame', () => {
  it('of one message gets one answer, without an envelope', async () => {
    expect(await answered(message('m1'))).toEqual(['MSA|AA|m1']);
    expect(await answered(ACK)).toBeUndefined();
  });

  it('of a batch gets an answer to each of its messages, in their order', async () => {
    const into = receiver();
    expect(await answered(`${BHS}${message('m1')}${message('m2', { mrn: '' })}${ACK}${message('m3')}BTS|4\r`, into)).toEqual(['BHS|THROUGHLINE', 'MSA|AA|m1', 'MSA|AE|m2', 'MSA|AA|m3', 'BTS|3']);
    expect(into.kept.map(({ controlId, raw }) => [controlId, Buffer.from(raw).toString()])).toEqual([['m1', message('m1')], ['m2', message('m2', { mrn: '' })], ['m3', message('m3')]]);
  });

  it('of a batch that is cut off keeps its last message in quarantine, and takes the others', async () => {
    const into = receiver();
    expect(await answered(`${BHS}${message('m1')}${message('m2')}`, into)).toEqual(['BHS|THROUGHLINE', 'MSA|AA|m1', 'MSA|AE|m2', 'BTS|2']);
    expect(into.kept[1]!.content).toMatchObject({ answer: 'AE', reasons: [{ code: 100, where: 'BTS' }] });
  });

  it('of a batch of which one could not be stored asks for all of them again', async () => {
    const into = receiver('m2');
    expect(await answered(`${BHS}${message('m1')}${ACK}${message('m2')}${message('m3')}BTS|4\r`, into)).toEqual(['BHS|THROUGHLINE', 'MSA|AR|m1', 'MSA|AR|m2', 'MSA|AR|m3', 'BTS|3']);
    expect(into.kept.map(({ controlId }) => controlId)).toEqual(['m1', 'm3']);
  });

  it('of a large batch is handed in in its order, and not further once one could not be stored', async () => {
    const ids = Array.from({ length: 120 }, (_, n) => `n${n}`);
    const batch = `${BHS}${ids.map((id) => message(id)).join('')}BTS|120\r`;
    const into = receiver();
    expect((await answered(batch, into))?.slice(1, -1)).toEqual(ids.map((id) => `MSA|AA|${id}`));
    expect(into.kept.map(({ controlId }) => controlId)).toEqual(ids);
    const failing = receiver('n10');
    expect((await answered(batch, failing))?.slice(1)).toEqual([...ids.map((id) => `MSA|AR|${id}`), 'BTS|120']);
    expect(failing.kept.map(({ controlId }) => controlId)).toEqual(ids.slice(0, 50).filter((id) => id !== 'n10'));
  });

  it('of a batch gets no answer where none of its messages wants one', async () => {
    expect(await answered(`${BHS}${ACK}${ACK}BTS|2\r`)).toBeUndefined();
    const quiet = message('m1').replace('|P|2.5.1', '|P|2.5.1|||NE');
    expect(await answered(`${BHS}${quiet}${quiet.replace('|NE', '|AL')}BTS|2\r`, receiver(), 'enhanced')).toEqual(['BHS|THROUGHLINE', 'MSA|CA|m1', 'BTS|1']);
    expect(await answered(`${BHS}${quiet}BTS|1\r`, receiver(), 'enhanced')).toBeUndefined();
  });

  it('of several messages without an envelope, and of an envelope without messages, is kept whole and refused', async () => {
    const into = receiver();
    expect(await answered(`${message('m1')}${message('m2')}`, into)).toEqual(['MSA|AE|m1']);
    expect(await answered(`${BHS}BTS|0\r`, into)).toEqual(['MSA|AE|']);
    expect(into.kept.map(({ raw }) => Buffer.from(raw).toString())).toEqual([`${message('m1')}${message('m2')}`, `${BHS}BTS|0\r`]);
  });
});
