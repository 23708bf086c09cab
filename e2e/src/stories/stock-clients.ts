import { createRequire } from 'node:module';
import { Client, Message } from 'node-hl7-client';
import type { System } from '@throughline/testing/system';
import { fiveOpen, Stay } from './ward.js';

/** The parts of simple-hl7, which has no types of its own. */
interface SimpleHl7 {
  readonly Parser: new (options: { segmentSeperator: string }) => { parse(text: string): unknown };
  readonly Server: { createTcpClient(host: string, port: number): { send(message: unknown, done: (error: Error | null, answer: SimpleMessage) => void): void; close(): void } };
}
interface SimpleMessage {
  getSegment(name: string): { getField(field: number): string };
}
const simple = createRequire(import.meta.url)('simple-hl7') as SimpleHl7;

/** Clients that others wrote, as they come: what they read of our answers is what an interface engine reads. */
export const theStockClients = (system: () => System): void => {
  describe('a hospital with a client of its own', () => {
    it('simple-hl7: sends, and reads AA with its control id', async () => {
      const stay = new Stay(system());
      const client = simple.Server.createTcpClient('127.0.0.1', system().mllpPort);
      const answer = await new Promise<SimpleMessage>((resolve, reject) =>
        client.send(new simple.Parser({ segmentSeperator: '\r' }).parse(stay.message('A03').trimEnd()), (error, ack) => (error ? reject(error) : resolve(ack))),
      );
      client.close();
      expect([answer.getSegment('MSA').getField(1), answer.getSegment('MSA').getField(2)]).toEqual(['AA', expect.stringMatching(/-1$/)]);
      await stay.tasksWhen('five tasks', fiveOpen);
    });

    it('node-hl7-client: sends on one connection, and reads AA and AE', async () => {
      const [stay, broken] = [new Stay(system()), new Stay(system())];
      const answers: Message[] = [];
      let heard: () => void = () => undefined;
      const client = new Client({ host: '127.0.0.1', version: '2.5.1' });
      const connection = client.createConnection({ port: system().mllpPort, version: '2.5.1' }, (response) => {
        answers.push(response.getMessage());
        heard();
      });
      try {
        for (const text of [stay.message('A03'), broken.message('A03', { mrn: '' })]) {
          const next = new Promise<void>((resolve) => (heard = resolve));
          await connection.sendMessage(new Message({ text: text.trimEnd() }));
          await next;
        }
      } finally {
        await connection.close();
      }
      expect(answers.map((answer) => answer.get('MSA.1').toString())).toEqual(['AA', 'AE']);
      expect(answers[1]!.get('ERR.2').toString()).toContain('PID');
      await stay.tasksWhen('five tasks', fiveOpen);
    });
  });
};
