// `npm run stack`: Kafka, PostgreSQL, Redis and one process per service, on this machine.
import { runProgram } from './prepare.mjs';

await runProgram('stack', ...process.argv.slice(2));
