import { resourceValidation } from '../fhir/resource-validation.js';
import { capabilityStatement } from './capability-statement.js';

it('the capability statement is right by the rules that it speaks of', async () => {
  expect(await resourceValidation()(capabilityStatement)).toEqual([]);
});
