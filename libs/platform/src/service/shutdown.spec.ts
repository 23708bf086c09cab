import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '../telemetry/logger.js';
import { Shutdown } from './shutdown.js';

describe('taking a service down', () => {
  const lines: { level: string; name?: string; msg: string }[] = [];
  const down = new Shutdown(createLogger({ service: 'test', to: { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) } }));

  beforeEach(() => void (lines.length = 0));

  it('waits for a part that ends', async () => {
    let ended = false;
    await down.end('reading', 5_000, async () => {
      await delay(20);
      ended = true;
    });
    expect(ended).toBe(true);
    expect(lines).toEqual([]);
  });

  it('goes on without one that does not, and names it', async () => {
    await down.end('jobs', 20, () => new Promise(() => undefined));
    expect(lines).toMatchObject([{ level: 'warn', name: 'jobs', msg: 'part did not stop in time, going on without it' }]);
  });

  it('goes on after one that fails, at once or later', async () => {
    await down.end('bus', 5_000, () => Promise.reject(new Error('gone')));
    await down.end('relay', 5_000, () => {
      throw new Error('gone');
    });
    await down.end('traces', 5_000, () => undefined);
    expect(lines).toMatchObject([{ name: 'bus', msg: 'part did not stop cleanly' }, { name: 'relay' }]);
  });
});
