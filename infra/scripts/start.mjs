// `npm start`: from a bare checkout to a running Throughline.
import { runProgram } from './prepare.mjs';

await runProgram('start', ...process.argv.slice(2));
