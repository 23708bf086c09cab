import { createRequire } from 'node:module';
import { Client as FhirClient } from 'fhir-kit-client';
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

const CLASSES = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const numberOf = (code: string, value: string) => ({ type: { coding: [{ system: TYPES, code }] }, system: 'http://north.example.org/numbers', value });

const patientOf = ({ mrn, family }: Stay) => ({ resourceType: 'Patient', id: mrn, identifier: [numberOf('MR', mrn)], name: [{ family, given: ['Avery'] }], birthDate: '1948-05-17' });
const encounterOf = ({ mrn, visit, leftAt }: Stay) => ({
  resourceType: 'Encounter', id: visit, status: 'finished', class: { system: CLASSES, code: 'IMP' }, identifier: [numberOf('VN', visit)],
  subject: { reference: `Patient/${mrn}`, identifier: numberOf('MR', mrn) }, serviceProvider: { display: 'North Shore' },
  period: { start: new Date(leftAt.getTime() - 259_200_000).toISOString(), end: leftAt.toISOString() },
});
const medicineOf = ({ mrn, visit }: Stay) => ({
  resourceType: 'MedicationRequest', id: `rx-${visit}`, status: 'active', intent: 'order', medicationCodeableConcept: { text: 'lisinopril 10 mg tablet' },
  subject: { reference: `Patient/${mrn}`, identifier: numberOf('MR', mrn) }, dosageInstruction: [{ text: 'one a day' }],
});
const bundleOf = (type: 'transaction' | 'batch', resource: { readonly resourceType: string; readonly id: string }) => ({
  resourceType: 'Bundle', type, entry: [{ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } }],
});

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

    it('fhir-kit-client: reads what is offered, tells of a discharge, corrects it, and reads why something is not taken', async () => {
      const stay = new Stay(system());
      const client = new FhirClient({ baseUrl: `${system().url}/fhir` });
      expect(await client.capabilityStatement()).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
      await expect(client.create({ resourceType: 'Patient', body: patientOf(stay) })).rejects.toMatchObject({ response: { status: 401, data: { resourceType: 'OperationOutcome' } } });
      client.bearerToken = await system().token('sender');

      expect(await client.create({ resourceType: 'Patient', body: patientOf(stay) })).toMatchObject({ resourceType: 'Patient', id: stay.mrn });
      expect(await client.transaction({ body: bundleOf('transaction', encounterOf(stay)) })).toMatchObject({ type: 'transaction-response', entry: [{ response: { status: '200 OK', location: `Encounter/${stay.visit}` } }] });
      await stay.tasksWhen('five tasks', fiveOpen);
      expect(await client.batch({ body: bundleOf('batch', medicineOf(stay)) })).toMatchObject({ type: 'batch-response', entry: [{ response: { status: '200 OK' } }] });
      expect(await client.update({ resourceType: 'Encounter', id: stay.visit, body: encounterOf(stay) })).toMatchObject({ resourceType: 'Encounter', id: stay.visit });
      await stay.tasksWhen('the same five tasks', fiveOpen);

      await expect(client.update({ resourceType: 'Encounter', id: stay.visit, body: { ...encounterOf(stay), status: 'discharged' } })).rejects.toMatchObject({
        response: { status: 422, data: { issue: [{ severity: 'error', code: 'code-invalid', expression: ['Encounter.status'] }] } },
      });
      await expect(client.read({ resourceType: 'Patient', id: stay.mrn })).rejects.toMatchObject({ response: { status: 405, data: { issue: [{ code: 'not-supported' }] } } });
      await expect(client.search({ resourceType: 'Patient', searchParams: { name: stay.family } })).rejects.toMatchObject({ response: { status: 405 } });
    });
  });
};
