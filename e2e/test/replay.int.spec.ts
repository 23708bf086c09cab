import { FiveServices } from '../src/proofs/five-services.js';
import { theReplay } from '../src/proofs/the-replay.js';

// On the run's real PostgreSQL (TEST_POSTGRES_URL), in a database of its own.
describe('a topic read again, on the embedded bus', () => {
  theReplay((clock) => FiveServices.start(clock));
});
