import { spawn } from 'node:child_process';
import { eventually, System } from '@throughline/testing/system';
import { Ajv } from 'ajv';
import { theDoors } from '../src/stories/doors.js';
import { thePersons } from '../src/stories/persons.js';
import { theStream } from '../src/stories/subscribers.js';
import { theThread } from '../src/stories/thread.js';
import { fiveOpen, Stay } from '../src/stories/ward.js';

describe('distributed: npm run stack', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start('distributed');
  }, 240_000);
  afterAll(() => system?.discard(), 90_000);

  theThread(() => system);
  theDoors(() => system);
  thePersons(() => system);
  theStream(() => system);

  it('a Kafka client that we did not write reads the tasks against the published document', async () => {
    const stay = new Stay(system);
    await stay.sent('A03');
    const tasks = await stay.tasksWhen('five tasks', fiveOpen);
    const patientId = await stay.patientId();
    const brokers = system.instance()['kafkaBrokers'];
    expect(brokers).toMatch(/^127\.0\.0\.1:\d+$/);
    const child = spawn(process.env['TEST_KCAT'] ?? 'kcat', ['-C', '-b', String(brokers), '-t', 'care-plan', '-o', 'beginning', '-u', '-J'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    interface Read {
      key: string;
      headers: string[];
      payload: string;
    }
    const mine = await eventually('five openings on the topic', () => {
      const read = output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Read);
      const found = read.filter((record) => record.key === patientId && record.headers.includes('care.task.opened.v1'));
      return Promise.resolve(found.length >= 5 && found);
    }).finally(() => child.kill());

    const { body: document } = await system.call<{ components: { messages: Record<string, { headers: object; payload: { schema: object } }> } }>('GET', '/asyncapi.json');
    const message = document.components.messages['care.task.opened.v1']!;
    const ajv = new Ajv({ strict: false, validateFormats: false });
    for (const record of mine) {
      const headers = Object.fromEntries(Array.from({ length: record.headers.length / 2 }, (_, i) => [record.headers[2 * i], record.headers[2 * i + 1]]));
      expect([ajv.validate(message.headers, headers), ajv.errorsText()]).toEqual([true, 'No errors']);
      expect([ajv.validate(message.payload.schema, JSON.parse(record.payload)), ajv.errorsText()]).toEqual([true, 'No errors']);
    }
    expect(mine.map((record) => (JSON.parse(record.payload) as { taskId: string }).taskId).sort()).toEqual(tasks.map((task) => task.id).sort());
    expect(output).not.toContain(stay.family);
  });
});
