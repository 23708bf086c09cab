import type { PrescriptionSaid } from '../../domain/said.js';
import type { Er7Message, Reason, Segment } from './er7.js';
import type { Times } from './message-times.js';
import { said } from './said-parts.js';

/** The pharmacy messages that are taken (HL7 v2.5.1, chapter 4), and what each says of its medicines. */
export const PHARMACY: Readonly<Record<string, NonNullable<PrescriptionSaid['basis']>>> = {
  'OMP^O09': 'ordered', 'ORM^O01': 'ordered', 'RDE^O01': 'ordered', 'RDE^O11': 'ordered', 'RDE^O25': 'ordered',
  'RDS^O01': 'dispensed', 'RDS^O13': 'dispensed', 'RAS^O01': 'administered', 'RAS^O17': 'administered',
};

interface Group {
  readonly orc: Segment | undefined;
  readonly segments: readonly Segment[];
}

/** An order begins at its ORC. What comes before the first is a medicine's only where no ORC comes at all. */
const groupsOf = (message: Er7Message): readonly Group[] => {
  const groups: { orc: Segment | undefined; segments: Segment[] }[] = [];
  for (const segment of message.segments) {
    if (segment.name === 'ORC') groups.push({ orc: segment, segments: [] });
    else groups.at(-1)?.segments.push(segment);
  }
  return groups.length > 0 ? groups : [{ orc: undefined, segments: message.segments }];
};

/** Where each segment says what it says. The encoded order (RXE) is the pharmacist's reading of the requested one (RXO). */
interface Layout {
  readonly medicine: number;
  readonly least?: number;
  readonly most?: number;
  readonly unit?: number;
  readonly directions: readonly number[];
}
const LAYOUTS = {
  RXE: { medicine: 2, least: 3, most: 4, unit: 5, directions: [7, 21] },
  RXO: { medicine: 1, least: 2, most: 3, unit: 4, directions: [7, 6] },
  RXD: { medicine: 2, directions: [15] },
  RXA: { medicine: 5, least: 6, unit: 7, directions: [] },
  RXG: { medicine: 4, least: 5, most: 6, unit: 7, directions: [13] },
} as const satisfies Record<string, Layout>;
const BEST_FIRST = ['RXE', 'RXA', 'RXG', 'RXD', 'RXO'] as const;

const plain = (text: string): string => (text === '""' ? '' : text);
/** CWE: code, text, system; where the text is missing, the original text (CWE-9), the alternate one (CWE-5) or the code stand for it. */
const medicineOf = (segment: Segment, field: number): PrescriptionSaid['medicine'] | undefined => {
  const part = (component: number): string => plain(segment.text(field, component));
  const text = part(2) || part(9) || part(5) || part(1);
  if (text === '') return undefined;
  return { text, ...said('code', part(1)), ...said('system', part(3)), ...said('display', part(2)) };
};

/** `43^mg/hr`: a number is nobody's unit, the words beside it are. */
const unitOf = (segment: Segment, field: number): string => {
  const [code, words] = [plain(segment.text(field, 1)), plain(segment.text(field, 2))];
  return code === '' || /^[\d.]+$/.test(code) ? words : code;
};

const doseOf = (segment: Segment, { least, most, unit }: Layout): PrescriptionSaid['dose'] | undefined => {
  if (least === undefined) return undefined;
  const [from, to] = [plain(segment.text(least)), most === undefined ? '' : plain(segment.text(most))];
  if (from === '') return undefined;
  // An upper bound of nothing is none; the same number twice is one dose.
  const value = to !== '' && Number(to) > 0 && Number(to) !== Number(from) ? `${from}-${to}` : from;
  return { value, ...said('unit', unit === undefined ? '' : unitOf(segment, unit)) };
};

const wordsOf = (segment: Segment, fields: readonly number[]): string =>
  fields
    .flatMap((field) => segment.repetitions(field).map((one) => plain(segment.part(one, 2)) || plain(segment.part(one, 1))))
    .filter((words) => words !== '')
    .join('; ')
    .slice(0, 1_000);

/** The first of these that says something. */
const firstOf = <T>(found: readonly (T | undefined)[]): T | undefined => found.find((one) => one !== undefined && one !== '');

/** TQ1 (since 2.5), else the quantity and timing of RXE-1 and ORC-7: each part from the first place that has it. */
const timingOf = (segment: Segment, { orc, segments }: Group, read: Times['read']): PrescriptionSaid['timing'] | undefined => {
  const tq1 = [...segments.slice(segments.indexOf(segment)), ...segments].filter((one) => one.name === 'TQ1');
  const old: readonly (readonly [Segment, number])[] = tq1.length > 0 ? [] : [...(segment.name === 'RXE' ? [[segment, 1] as const] : []), ...(orc ? [[orc, 7] as const] : [])];
  const part = (component: number): string | undefined => firstOf(old.map(([from, field]) => plain(from.text(field, component))));
  const times = (one: Segment): string => one.repetitions(4).map((time) => plain(one.part(time, 1))).filter((time) => time !== '').join(', ');
  const timing = {
    ...said('code', firstOf(tq1.map((one) => plain(one.text(3)))) ?? part(2)),
    ...said('text', firstOf([...tq1.map((one) => plain(one.text(11))), ...tq1.map(times)])),
    ...said('duration', part(3)),
    ...said('startsAt', firstOf([...tq1.map((one) => read(one, 7)?.instant), ...old.map(([from, field]) => read(from, field, 4)?.instant)])),
    ...said('endsAt', firstOf([...tq1.map((one) => read(one, 8)?.instant), ...old.map(([from, field]) => read(from, field, 5)?.instant)])),
  };
  return Object.keys(timing).length > 0 ? timing : undefined;
};

/** Order control (table 0119) and order status (table 0038) that end an order. */
const STATUSES: Readonly<Record<string, NonNullable<PrescriptionSaid['status']>>> = { DC: 'stopped', OD: 'stopped', CA: 'cancelled', OC: 'cancelled', CR: 'cancelled', HD: 'on-hold', CM: 'completed' };

const statusOf = (orc: Segment | undefined): PrescriptionSaid['status'] => {
  const control = STATUSES[orc?.text(1).toUpperCase() ?? ''];
  return (control === 'completed' ? undefined : control) ?? STATUSES[orc?.text(5).toUpperCase() ?? ''];
};

const routeOf = (segment: Segment, { segments }: Group): string => {
  const place = segments.indexOf(segment);
  const rxr = segments.slice(place).find((one) => one.name === 'RXR') ?? segments.find((one) => one.name === 'RXR');
  return rxr ? plain(rxr.text(1, 1)) || plain(rxr.text(1, 2)) : '';
};

const orderIdOf = (orc: Segment | undefined): string => {
  if (!orc) return '';
  const number = (field: number): string => [plain(orc.text(field, 1)), plain(orc.text(field, 2))].filter((part) => part !== '').join('^');
  // The placer's number is the order's; where only the filler's is known, that one. `0` is a filler, not a number.
  return [number(2), number(3)].find((one) => one !== '' && one !== '0') ?? '';
};

const linesOf = (group: Group, read: Times['read'], basis: PrescriptionSaid['basis']): readonly PrescriptionSaid[] => {
  const { orc, segments } = group;
  const name = BEST_FIRST.find((one) => segments.some((segment) => segment.name === one && medicineOf(segment, LAYOUTS[one].medicine)));
  if (!name) return [];
  const layout: Layout = LAYOUTS[name];
  return segments
    .filter((segment) => segment.name === name)
    .flatMap((segment) => {
      const medicine = medicineOf(segment, layout.medicine);
      if (!medicine) return [];
      return [{
        ...said('orderId', orderIdOf(orc)),
        medicine,
        ...said('dose', doseOf(segment, layout)),
        ...said('route', routeOf(segment, group)),
        ...said('directions', wordsOf(segment, layout.directions)),
        ...said('timing', timingOf(segment, group, read)),
        ...said('prescribedAt', (read(orc, 9) ?? read(orc, 15))?.instant),
        ...said('status', statusOf(orc)),
        ...said('basis', basis),
      }];
    });
};

/** Tells several lines of one message that share an order number, or have none, from each other: by their place. */
const apart = (lines: readonly PrescriptionSaid[]): readonly PrescriptionSaid[] => {
  const counts = new Map<string, number>();
  return lines.map((line) => {
    const key = line.orderId ?? '';
    const place = (counts.get(key) ?? 0) + 1;
    counts.set(key, place);
    return place === 1 ? line : { ...line, place };
  });
};

export interface MedicinesRead {
  readonly lines: readonly PrescriptionSaid[];
  readonly reasons: readonly Reason[];
  readonly flags: readonly string[];
}

/** Every medicine of a pharmacy message. A field that is empty says nothing, and nothing is put in its place. */
export const readMedicines = (message: Er7Message, type: string, read: Times['read']): MedicinesRead => {
  const groups = groupsOf(message).map((group) => ({ group, some: linesOf(group, read, PHARMACY[type]) }));
  const lines = apart(groups.flatMap(({ some }) => some));
  // An order of a test stands for itself (ORM).
  const empty = groups.filter(({ group, some }) => some.length === 0 && !group.segments.some(({ name }) => name === 'OBR')).length;
  if (lines.length === 0) return { lines, reasons: [{ code: 101, where: 'RXE-2', text: 'No medicine in RXE-2, RXO-1, RXD-2, RXA-5 or RXG-4' }], flags: [] };
  return { lines, reasons: [], flags: empty > 0 ? ['order-without-medicine'] : [] };
};
