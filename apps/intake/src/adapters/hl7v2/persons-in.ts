import { messageWith, type Er7Message, type Segment } from './er7.js';

/**
 * A message about several people as one message each: what stands before the first PID belongs to all of them, what follows
 * a PID to that one. A PID that repeats the number of the one before begins nobody new.
 */
export const personsIn = (message: Er7Message): readonly Er7Message[] => {
  const begins = message.segments.findIndex(({ name }) => name === 'PID');
  const ofAll = begins < 0 ? message.segments : message.segments.slice(0, begins);
  const persons: Segment[][] = [];
  let number: string | undefined;
  for (const segment of begins < 0 ? [] : message.segments.slice(begins)) {
    if (segment.name === 'PID' && segment.raw(3) !== number) {
      persons.push([]);
      number = segment.raw(3);
    }
    persons.at(-1)!.push(segment);
  }
  return persons.length > 1 ? persons.map((segments) => messageWith([...ofAll, ...segments], message.quirks)) : [message];
};
