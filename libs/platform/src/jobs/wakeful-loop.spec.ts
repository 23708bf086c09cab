import { WakefulLoop } from './wakeful-loop.js';

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await turn();
};

describe('a wakeful loop', () => {
  it('runs at start, when rung, and at once while there is more', async () => {
    let rounds = 0;
    const loop = new WakefulLoop({ round: () => Promise.resolve(++rounds < 3), pollMs: 600_000, onChange: () => undefined });
    loop.start();
    await until(() => rounds === 3);
    await turn();
    loop.ring();
    await until(() => rounds === 4);
    await loop.stop();
    loop.ring();
    await turn();
    expect(rounds).toBe(4);
  });

  it('does not lose a ring that comes during a round', async () => {
    let rounds = 0;
    const loop: WakefulLoop = new WakefulLoop({
      round: async () => {
        rounds += 1;
        if (rounds === 1) loop.ring();
        await turn();
        return false;
      },
      pollMs: 600_000,
      onChange: () => undefined,
    });
    loop.start();
    await until(() => rounds === 2);
    await loop.stop();
  });

  it('goes on by its poll alone, through failures, telling their beginning and end once', async () => {
    let rounds = 0;
    const told: unknown[] = [];
    const loop = new WakefulLoop({
      round: () => {
        rounds += 1;
        if (rounds === 2 || rounds === 3) throw new Error('away');
        return Promise.resolve(false);
      },
      pollMs: 1,
      onChange: (error) => void told.push(error),
    });
    loop.start();
    await until(() => rounds >= 6);
    await loop.stop();
    expect(told).toEqual([expect.any(Error), null]);
  });

  it('finishes the round in hand before it stops', async () => {
    let ended = false;
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const loop = new WakefulLoop({ round: async () => (await gate, (ended = true), false), pollMs: 1, onChange: () => undefined });
    loop.start();
    const stopping = loop.stop();
    release();
    await stopping;
    expect(ended).toBe(true);
  });
});
