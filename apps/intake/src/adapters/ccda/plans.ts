import type { StatementSaid } from '../../domain/statement.js';
import { all, attribute, first, isNegated, isNull, ownNumber, textOf } from './cda-values.js';
import { codedOf } from './coded-values.js';
import { wasWithdrawn } from './problems.js';
import type { Reading } from './reading.js';
import { inEntry } from './sections.js';
import type { XmlElement } from './xml-tree.js';

type Planned = Extract<StatementSaid, { kind: 'appointment' | 'test-order' }>;
type Appointment = Extract<Planned, { kind: 'appointment' }>['says'];
type TestOrder = Extract<Planned, { kind: 'test-order' }>['says'];

const mood = (element: XmlElement): string => element.attributes.get('moodCode') ?? '';
const relatedTo = (element: XmlElement, type: string, name: string): readonly XmlElement[] =>
  all(element, 'entryRelationship').filter((one) => attribute(one, 'typeCode') === type).flatMap((one) => all(one, name));

/** Names of persons have parts; of places they are text. */
const nameIn = (element: XmlElement | undefined): string => {
  const name = first(element, 'name');
  const named = ['prefix', 'given', 'family', 'suffix'].flatMap((part) => all(name, part)).map(textOf).filter((words) => words !== '');
  return named.length > 0 ? named.join(' ') : textOf(name);
};

const present = <T extends object>(says: { readonly [K in keyof T]: T[K] | undefined | '' }): T => Object.fromEntries(Object.entries(says).filter(([, value]) => value !== undefined && value !== '')) as T;

const named = (element: XmlElement): { readonly number?: string; readonly withdrawn?: true } => {
  const number = ownNumber(element);
  return { ...(number === undefined ? {} : { number }), ...wasWithdrawn(element) };
};

/** A visit that is planned: booked where it says so (APT), else wished for. One without a day is in nobody's calendar. */
const appointmentOf = (encounter: XmlElement, reading: Reading): readonly Planned[] => {
  const time = first(encounter, 'effectiveTime');
  const starts = reading.time(first(time, 'low')) ?? reading.time(time) ?? reading.time(first(time, 'center'));
  if (!starts || !['INT', 'ARQ', 'PRMS', 'PRP', 'RQO', 'APT'].includes(mood(encounter))) return [];
  const cancelled = ['cancelled', 'aborted'].includes(attribute(first(encounter, 'statusCode'), 'code') ?? '');
  const location = all(encounter, 'participant').filter((one) => attribute(one, 'typeCode') === 'LOC').map((one) => first(one, 'participantRole', 'playingEntity'))[0];
  const performer = first(encounter, 'performer', 'assignedEntity');
  const says = present<Appointment>({
    status: cancelled ? 'cancelled' : mood(encounter) === 'APT' ? 'booked' : 'proposed',
    kind: codedOf(first(encounter, 'code'), reading),
    reason: relatedTo(encounter, 'RSON', 'observation').map((one) => codedOf(first(one, 'value'), reading)).find((code) => code !== undefined),
    startsAt: starts.instant,
    endsAt: reading.time(first(time, 'high'))?.instant,
    place: nameIn(location),
    with: nameIn(first(performer, 'assignedPerson')) || nameIn(first(performer, 'representedOrganization')),
  });
  return [{ kind: 'appointment', ...named(encounter), says }];
};

const ORDER_STATUSES: Readonly<Record<string, TestOrder['status']>> = { active: 'ordered', new: 'ordered', cancelled: 'cancelled', aborted: 'cancelled', suspended: 'on-hold', held: 'on-hold', completed: 'completed' };

/** A test that is asked for (RQO). Goals, proposals and what was observed are none. */
const orderOf = (observation: XmlElement, reading: Reading): readonly Planned[] => {
  const code = codedOf(first(observation, 'code'), reading);
  if (!code || mood(observation) !== 'RQO') return [];
  const time = first(observation, 'effectiveTime');
  const says = present<TestOrder>({
    code,
    status: ORDER_STATUSES[attribute(first(observation, 'statusCode'), 'code') ?? ''] ?? 'ordered',
    orderedAt: all(observation, 'author').map((author) => reading.time(first(author, 'time'))).find((one) => one !== undefined)?.instant,
    wantedAt: (reading.time(first(time, 'low')) ?? reading.time(time) ?? reading.time(first(time, 'center')))?.instant,
  });
  return [{ kind: 'test-order', ...named(observation), says }];
};

/** Visits and tests that are planned, where the plan lists them; what a goal or an instruction mentions is theirs. */
export const readPlans = (entries: readonly XmlElement[], reading: Reading): readonly Planned[] => {
  const stated = (entry: XmlElement, name: string): readonly XmlElement[] => inEntry(entry, name, ['entry']).filter((one) => !isNegated(one) && !isNull(one));
  return entries.flatMap((entry) => [
    ...stated(entry, 'encounter').flatMap((one) => appointmentOf(one, reading)),
    ...stated(entry, 'observation').flatMap((one) => orderOf(one, reading)),
  ]);
};
