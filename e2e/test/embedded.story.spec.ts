import { System } from '@throughline/testing/system';
import { theDoors } from '../src/stories/doors.js';
import { thePersons } from '../src/stories/persons.js';
import { theStockClients } from '../src/stories/stock-clients.js';
import { theStream } from '../src/stories/subscribers.js';
import { theThread } from '../src/stories/thread.js';

describe('embedded: npm start', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start('embedded');
  }, 240_000);
  afterAll(() => system?.discard(), 60_000);

  theThread(() => system);
  theDoors(() => system);
  thePersons(() => system);
  theStockClients(() => system);
  theStream(() => system);
});
