// Preloaded into every process of a system under test: notes which packages of OpenTelemetry each one loads.
import { appendFileSync } from 'node:fs';
import * as modules from 'node:module';

const noted = new Set();
// The launcher may run on an older Node.js that has no such hooks; the program itself does not.
modules.registerHooks?.({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const name = /node_modules\/(@opentelemetry\/[^/]+)\//.exec(found.url)?.[1];
    if (name !== undefined && !noted.has(name)) {
      noted.add(name);
      appendFileSync(process.env.NOTE_LOADED, `${name}\n`);
    }
    return found;
  },
});
