import { copiesIn, readCopies } from './copies.js';

test('one number is for every service, names are for those named', () => {
  expect(readCopies('2')).toEqual({ intake: 2, 'care-plan': 2, 'medication-reconciliation': 2, scheduling: 2, notification: 2 });
  expect(readCopies('care-plan=3,intake=2')).toEqual({ intake: 2, 'care-plan': 3, 'medication-reconciliation': 1, scheduling: 1, notification: 1 });
});

test.each(['', '0', '13', 'two', '-1', 'care-plan', 'care-plan=', 'care-plan=0', 'front=2', 'intake=2,'])('%j is refused', (text) => expect(() => readCopies(text)).toThrow(RangeError));

test('the first copy has the name and the MLLP port of a service alone', () => {
  expect(copiesIn(readCopies('intake=2')).slice(0, 3)).toEqual([
    { name: 'intake', service: 'intake', mllp: undefined },
    { name: 'intake-2', service: 'intake', mllp: 'intake-2-mllp' },
    { name: 'care-plan', service: 'care-plan', mllp: undefined },
  ]);
});
