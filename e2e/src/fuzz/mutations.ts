/** The same numbers every time, for the same seed (Lehmer's generator). */
export class Dice {
  constructor(private state: number) {
    this.state = (state % 2_147_483_646) + 1;
  }

  /** 0 to `below` - 1. */
  roll(below: number): number {
    this.state = (this.state * 48_271) % 2_147_483_647;
    return below <= 1 ? 0 : this.state % below;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.roll(items.length)]!;
  }
}

type Mutation = (input: Buffer, dice: Dice, others: readonly Buffer[]) => Buffer;

/** What breaks parsers of HL7 v2: separators, terminators, framing bytes, escapes, names of segments, nulls, half characters. */
const MORSELS = ['|', '^', '~', '\\', '&', '\r', '\n', '\r\n', '\u000b', '\u001c', '\u001c\r', '\u0000', '""', '\\F\\', '\\X41\\', '\\X4\\', '\\.br\\', '\\E', 'MSH|', 'MSH|^~\\&|', 'PID|', 'PV1', 'MRG|', 'ZZZ|', 'FHS|', '\u00e9', '\ud83d\ude00', '9'.repeat(40), '|'.repeat(300), '^'.repeat(300), '20260305', '99991399', '-9999', ' '].map((text) => Buffer.from(text));

const cut = (input: Buffer, dice: Dice): readonly [number, number] => {
  const from = dice.roll(input.length + 1);
  return [from, Math.min(input.length, from + dice.roll(64))];
};

const MUTATIONS: readonly Mutation[] = [
  (input, dice) => {
    const copy = Buffer.from(input);
    if (copy.length > 0) copy[dice.roll(copy.length)] = dice.roll(256);
    return copy;
  },
  (input, dice) => {
    const at = dice.roll(input.length + 1);
    return Buffer.concat([input.subarray(0, at), dice.pick(MORSELS), input.subarray(at)]);
  },
  (input, dice) => {
    const [from, to] = cut(input, dice);
    return Buffer.concat([input.subarray(0, from), input.subarray(to)]);
  },
  (input, dice) => {
    const [from, to] = cut(input, dice);
    return Buffer.concat([input.subarray(0, to), ...Array.from({ length: dice.roll(8) }, () => input.subarray(from, to)), input.subarray(to)]);
  },
  (input, dice, others) => {
    const other = dice.pick(others);
    return Buffer.concat([input.subarray(0, dice.roll(input.length + 1)), other.subarray(dice.roll(other.length + 1))]);
  },
  (input, dice) => input.subarray(0, dice.roll(input.length + 1)),
  (input, dice) => Buffer.from(input.toString('latin1').replaceAll('\r', dice.pick(['\n', '\r\n', '\r\r', '', '\n\r'])), 'latin1'),
  (_input, dice) => Buffer.from(Array.from({ length: dice.roll(400) }, () => dice.roll(256))),
];

/** One to six of them, one after the other. */
export const mutated = (seeds: readonly Buffer[], dice: Dice): Buffer => {
  let input = dice.pick(seeds);
  for (let times = 1 + dice.roll(6); times > 0; times -= 1) input = dice.pick(MUTATIONS)(input, dice, seeds).subarray(0, 20_000);
  return input;
};

/** Cuts bytes into the pieces that a network might deliver. */
export const pieces = (bytes: Buffer, dice: Dice): readonly Buffer[] => {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + dice.roll(dice.roll(4) === 0 ? 3 : 2_000);
    found.push(bytes.subarray(at, at + size));
    at += size;
  }
  return found;
};
