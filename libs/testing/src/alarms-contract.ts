import { randomUUID } from 'node:crypto';
import type { Alarms } from '@throughline/platform/jobs/jobs';
import type { JobRequest } from '@throughline/platform/persistence/unit';

/** One store of alarms under test, and the time it lives by. */
export interface AlarmsHarness {
  /** A new adapter on the same store: what a restarted process has. */
  open(): Alarms;
  now(): Date;
  /** Lets time pass until the condition holds; rejects when it never does. */
  until(condition: () => boolean): Promise<void>;
  close(): Promise<void>;
}

interface Woken extends JobRequest {
  readonly at: Date;
}

/** Everything a service may rely on of its alarm clock; every adapter passes it. */
export const alarmsContract = (name: string, make: () => Promise<AlarmsHarness>): void => {
  describe(`alarms: ${name}`, () => {
    let harness: AlarmsHarness;
    let opened: Alarms[];
    let woken: Woken[];
    let exhausted: { job: JobRequest; error: Error }[];
    let behaviour: (job: JobRequest) => Promise<void>;

    beforeEach(async () => {
      harness = await make();
      [opened, woken, exhausted, behaviour] = [[], [], [], () => Promise.resolve()];
    });

    afterEach(async () => {
      for (const alarms of opened) await alarms.stop();
      await harness.close();
    });

    const job = (inMs: number, of: Partial<JobRequest> = {}): JobRequest => ({
      name: 'task-due', rowId: randomUUID(), patientId: randomUUID(), dueAt: new Date(harness.now().getTime() + inMs), ...of,
    });

    const open = async (): Promise<Alarms> => {
      const alarms = harness.open();
      opened.push(alarms);
      await alarms.start(
        { 'task-due': { attempts: 3, backoffMs: 20 }, 'task-escalation': { attempts: 1, backoffMs: 20 } },
        async (one) => {
          woken.push({ ...one, at: harness.now() });
          await behaviour(one);
        },
        (one, error) => {
          exhausted.push({ job: one, error });
          return Promise.resolve();
        },
      );
      return alarms;
    };

    const times = (one: JobRequest): number => woken.filter((w) => w.rowId === one.rowId && w.dueAt.getTime() === one.dueAt.getTime()).length;

    it('wakes a job at or after its due time, with what it was armed with', async () => {
      const alarms = await open();
      const [soon, past] = [job(300), job(-60_000)];
      await alarms.arm([soon, past]);
      await harness.until(() => times(soon) === 1 && times(past) === 1);
      expect(woken.every((w) => w.at >= w.dueAt)).toBe(true);
      expect(woken.find((w) => w.rowId === soon.rowId)).toMatchObject(soon);
      expect(alarms.healthy()).toBe(true);
    });

    it('takes the same job twice for one', async () => {
      const alarms = await open();
      const [one, later] = [job(200), job(400)];
      await alarms.arm([one, one]);
      await Promise.all([alarms.arm([one]), alarms.arm([one, later])]);
      await harness.until(() => times(later) === 1);
      expect(times(one)).toBe(1);
    });

    it('takes a moved due time for another job', async () => {
      const alarms = await open();
      const one = job(200);
      const moved = { ...one, dueAt: new Date(one.dueAt.getTime() + 200) };
      await alarms.arm([one]);
      await alarms.arm([moved]);
      await harness.until(() => times(moved) === 1);
      expect(times(one)).toBe(1);
    });

    it('does not hold up others while one fails, tries that again, and is done when it succeeds', async () => {
      const alarms = await open();
      const [shaky, sound] = [job(10), job(10)];
      behaviour = (one) => (one.rowId === shaky.rowId && times(shaky) < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve());
      await alarms.arm([shaky, sound]);
      await harness.until(() => times(shaky) === 3 && times(sound) === 1);
      expect(exhausted).toEqual([]);
    });

    it('tells when the attempts are used up, with the last error, and leaves it', async () => {
      const alarms = await open();
      const [doomed, last] = [job(10), job(600)];
      behaviour = (one) => (one.rowId === doomed.rowId ? Promise.reject(new Error(`failure ${times(doomed)}`)) : Promise.resolve());
      await alarms.arm([doomed, last]);
      await harness.until(() => exhausted.length === 1 && times(last) === 1);
      expect(times(doomed)).toBe(3);
      expect(exhausted).toMatchObject([{ job: doomed, error: { message: 'failure 3' } }]);
    });

    it('can be armed again after it was used up or done', async () => {
      const alarms = await open();
      const one = job(10, { name: 'task-escalation' });
      behaviour = () => (times(one) === 1 ? Promise.reject(new Error('once')) : Promise.resolve());
      await alarms.arm([one]);
      await harness.until(() => exhausted.length === 1);
      // The store forgets a job a moment after its end is told.
      await harness.until(() => (void alarms.arm([one]).catch(() => undefined), times(one) >= 2));
      const again = times(one);
      await harness.until(() => (void alarms.arm([one]).catch(() => undefined), times(one) > again));
    });

    it('hands a job of an unknown name over instead of losing it', async () => {
      const alarms = await open();
      const stranger = job(10, { name: 'of-another-release' });
      await alarms.arm([stranger]);
      await harness.until(() => exhausted.length === 1);
      expect(exhausted[0]?.job).toMatchObject(stranger);
      expect(exhausted[0]?.error.message).toContain('of-another-release');
      expect(woken).toEqual([]);
    });

    it('finishes the job in hand before it stops, and takes no other', async () => {
      const alarms = await open();
      const [inHand, next] = [job(10), job(60_000)];
      let [begun, ended] = [false, false];
      let release = (): void => undefined;
      const gate = new Promise<void>((resolve) => (release = resolve));
      behaviour = async () => {
        begun = true;
        await gate;
        ended = true;
      };
      await alarms.arm([inHand, next]);
      const waiting = harness.until(() => ended);
      while (!begun) await new Promise(setImmediate);
      let stopped = false;
      const stopping = alarms.stop().then(() => (stopped = true));
      await new Promise(setImmediate);
      expect(stopped).toBe(false);
      release();
      await stopping;
      await waiting;
      expect(ended).toBe(true);
      expect(times(next)).toBe(0);
      await expect(alarms.arm([job(10)])).rejects.toThrow(/stopped/);
    });

    it('keeps what is armed over a restart', async () => {
      const first = await open();
      const [before, after] = [job(10), job(500)];
      await first.arm([before, after]);
      await harness.until(() => times(before) === 1);
      await first.stop();
      await open();
      await harness.until(() => times(after) === 1);
      expect(times(before)).toBe(1);
    });

    it('arms many at once', async () => {
      const alarms = await open();
      const many = Array.from({ length: 1_200 }, (_, n) => job(n % 50));
      await alarms.arm(many);
      await harness.until(() => woken.length >= many.length);
      expect(new Set(woken.map((w) => w.rowId)).size).toBe(many.length);
      expect(woken).toHaveLength(many.length);
    });

    it('shares the work of one store among two copies, each job once', async () => {
      const [one] = [await open(), await open()];
      const many = Array.from({ length: 60 }, () => job(50));
      await one.arm(many);
      const end = job(400);
      await one.arm([end]);
      await harness.until(() => times(end) === 1 && woken.length >= 61);
      expect(woken).toHaveLength(61);
    });

    it('asked by two copies at once: none is forgotten (one that had run before the second asked may run again)', async () => {
      const [one, two] = [await open(), await open()];
      const many = Array.from({ length: 60 }, () => job(50));
      await Promise.all([one.arm(many), two.arm(many)]);
      await harness.until(() => new Set(woken.map((w) => w.rowId)).size === many.length);
      expect(many.every((each) => times(each) <= 2)).toBe(true);
    });
  });
};
