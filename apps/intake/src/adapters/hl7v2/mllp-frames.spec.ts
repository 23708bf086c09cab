import fc from 'fast-check';
import { framed, FrameReader, type Frame } from './mllp-frames.js';

const read = (chunks: readonly Buffer[], limit = 1_000): readonly Frame[] => {
  const reader = new FrameReader(limit);
  return chunks.flatMap((chunk) => reader.push(chunk));
};
const texts = (frames: readonly Frame[]): readonly string[] => frames.map((frame) => (frame.kind === 'message' ? frame.bytes.toString() : `(oversized) ${frame.head.toString().slice(0, 5)}`));
const cut = (bytes: Buffer, at: readonly number[]): readonly Buffer[] => {
  const places = [0, ...[...at].map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
};

describe('MLLP framing', () => {
  it('finds several frames in one piece, and skips what stands between them', () => {
    const bytes = Buffer.concat([Buffer.from('noise'), framed(Buffer.from('one')), Buffer.from('\r\n'), framed(Buffer.from('two')), Buffer.from('\n')]);
    const reader = new FrameReader(100);
    expect(texts(reader.push(bytes))).toEqual(['one', 'two']);
    expect([reader.skipped, reader.inside]).toEqual([8, false]);
  });

  it('takes a 0x1C without its 0x0D as content', () => {
    expect(texts(read([framed(Buffer.from('a\u001cb\u001c\u001cc'))]))).toEqual(['a\u001cb\u001c\u001cc']);
  });

  it('skips an oversized frame to its end and goes on behind it', () => {
    const big = framed(Buffer.from(`MSH|${'x'.repeat(500)}`));
    expect(texts(read([Buffer.concat([big, framed(Buffer.from('next'))])], 100))).toEqual(['(oversized) MSH|x', 'next']);
  });

  it('gives the same frames however the bytes are cut', () => {
    const message = fc.array(fc.constantFrom(0x41, 0x1c, 0x0a, 0x7c), { maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    const noise = fc.constantFrom('', '\r\n', 'junk').map((text) => Buffer.from(text));
    fc.assert(fc.property(fc.array(fc.tuple(message, noise), { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 12 }), (parts, places) => {
      const bytes = Buffer.concat(parts.flatMap(([one, between]) => [framed(one), between]));
      expect(texts(read(cut(bytes, places), 30))).toEqual(texts(read([bytes], 30)));
      expect(read([bytes])).toHaveLength(parts.length);
    }));
  });

  it('never throws, and holds no more than it may', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
      for (const frame of read(chunks.map((one) => Buffer.from(one)), 100)) expect(frame.kind === 'message' ? frame.bytes.length : 0).toBeLessThanOrEqual(100);
    }));
  });
});
