import { get, type IncomingMessage } from 'node:http';
import { eventually, type System } from '@throughline/testing/system';
import { fiveOpen, Stay } from './ward.js';

export interface SseEvent {
  readonly id: string;
  readonly data: { number: number; type: string; taskId: string; patientId: string };
}

/** A subscriber that we did not give a library to: the bare stream, cut into events. */
export class SseClient {
  readonly events: SseEvent[] = [];
  #response?: IncomingMessage;

  async open(system: System, lastEventId?: string): Promise<this> {
    const token = await system.token('subscriber');
    this.#response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = get(`${system.url}/api/notification/stream`, { headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...(lastEventId ? { 'last-event-id': lastEventId } : {}) } }, resolve);
      request.once('error', reject);
    });
    if (this.#response.statusCode !== 200) throw new Error(`stream answered ${this.#response.statusCode}`);
    let buffer = '';
    this.#response.on('error', () => undefined);
    this.#response.on('data', (chunk: Buffer) => {
      buffer += chunk.toString();
      const blocks = buffer.split('\n\n');
      buffer = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string): string | undefined => block.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const data = field('data');
        if (data && field('event') !== 'reset') this.events.push({ id: field('id') ?? '', data: JSON.parse(data) as SseEvent['data'] });
      }
    });
    return this;
  }

  close(): void {
    this.#response?.destroy();
  }
}

export const theStream = (system: () => System): void => {
  describe('the numbered stream', () => {
    it('tells a subscriber of every task, resumes by Last-Event-ID and misses none', async () => {
      const stay = new Stay(system());
      const first = await new SseClient().open(system());
      await stay.sent('A03');
      await stay.tasksWhen('five tasks', fiveOpen);
      const patientId = await stay.patientId();
      const of = (client: SseClient) => client.events.filter((event) => event.data.patientId === patientId);
      await eventually('five notices', () => Promise.resolve(of(first).length >= 5));
      first.close();
      const seen = of(first).at(-1)!.id;

      await stay.sent('A13');
      await stay.tasksWhen('withdrawn', (tasks) => tasks.every((task) => task.status === 'withdrawn'));
      const second = await new SseClient().open(system(), seen);
      await eventually('five more', () => Promise.resolve(of(second).length >= 5));
      second.close();
      expect(of(first).map((event) => event.data.type)).toEqual(Array(5).fill('care.task.opened.v1'));
      expect(of(second).map((event) => event.data.type)).toEqual(Array(5).fill('care.task.withdrawn.v1'));
      const numbers = [...of(first), ...of(second)].map((event) => event.data.number);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    });

    it('carries no name', async () => {
      const stay = new Stay(system());
      const client = await new SseClient().open(system());
      await stay.sent('A03');
      await stay.tasksWhen('five tasks', fiveOpen);
      await eventually('a notice', () => Promise.resolve(client.events.length > 0));
      client.close();
      expect(JSON.stringify(client.events)).not.toContain(stay.family);
      expect(JSON.stringify(client.events)).not.toContain(stay.mrn);
    });
  });
};
