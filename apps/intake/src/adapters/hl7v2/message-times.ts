import type { Source } from '../../domain/said.js';
import type { Er7Message, Segment } from './er7.js';
import { offsetOf, readTime, type Hl7Time } from '../../domain/hl7-time.js';

/** The times of one message, read in the zone that it was written in. */
export interface Times {
  readonly zone: string;
  readonly read: (segment: Segment | undefined, field: number, component?: number) => Hl7Time | undefined;
  readonly flags: readonly string[];
}

const TIMED = [['EVN', 2], ['EVN', 6], ['PV1', 44], ['PV1', 45]] as const;

/** A zone set for the sender, else the offset in MSH-7 (which speaks for the whole message), else the default. */
export const timesOf = (message: Er7Message, ofSender: string | undefined, defaultZone: string): Times => {
  const msh = message.first('MSH')!;
  const zone = ofSender ?? defaultZone;
  const assumed = ofSender ?? offsetOf(msh.text(7)) ?? defaultZone;
  const read: Times['read'] = (segment, field, component = 1) => (segment ? readTime(segment.text(field, component), assumed) : undefined);
  const unreadable = TIMED.filter(([name, field]) => {
    const segment = message.first(name);
    return segment !== undefined && !['', '""'].includes(segment.text(field)) && read(segment, field) === undefined;
  });
  return { zone, read, flags: unreadable.map(([name, field]) => `time-unreadable-${name}-${field}`) };
};

/** The first of these that has a readable time. */
export const firstTime = (candidates: readonly (readonly [Source, Hl7Time | undefined])[], receivedAt: string): { at: string; source: Source; time?: Hl7Time } => {
  for (const [source, time] of candidates) if (time) return { at: time.instant, source, time };
  return { at: receivedAt, source: 'received' };
};
