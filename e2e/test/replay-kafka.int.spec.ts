import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka, type LocalKafka } from '@throughline/local-servers/kafka';
import { freePorts } from '@throughline/local-servers/ports';
import { FiveServices } from '../src/proofs/five-services.js';
import { theReplay } from '../src/proofs/the-replay.js';

// Topics are named after the services, so other tests' records would lie among this one's on the run's own broker
// (TEST_KAFKA_BROKERS): it starts one for itself. The database is on
// the run's PostgreSQL (TEST_POSTGRES_URL).
describe('a topic read again, on Kafka', () => {
  let folder: string;
  let kafka: LocalKafka;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-replay-'));
    const [port, controllerPort] = (await freePorts(2)) as [number, number];
    kafka = await startKafka({ folder, port, controllerPort });
  }, 180_000);
  afterAll(async () => {
    await kafka?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  theReplay((clock) => FiveServices.start(clock, kafka.brokers));
});
