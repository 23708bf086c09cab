import type { FieldsOf, StatementSaid } from '../../domain/statement.js';
import { codedOf, entityOf, plain, saysSomething } from './coded.js';
import type { Er7Message, Segment } from './er7.js';
import type { Times } from './message-times.js';
import { orderGroups, type OrderGroup } from './order-groups.js';
import { said } from './said-parts.js';
import { apart, type StatementsRead } from './statements-read.js';

/** The messages that order tests (HL7 v2.5.1, chapter 4): laboratory, imaging, general; ORM is for anything. */
export const TEST_ORDERS: readonly string[] = ['ORM^O01', 'OML^O21', 'OML^O33', 'OML^O35', 'OML^O39', 'OMG^O19', 'OMI^O23'];

type Order = FieldsOf<'test-order'>;

/** Order control, HL7 table 0119: what ends or halts an order, whatever else the message says of it. */
const ENDS: Readonly<Record<string, Order['status']>> = {
  CA: 'cancelled', OC: 'cancelled', CR: 'cancelled', DC: 'cancelled', OD: 'cancelled', DR: 'cancelled', RP: 'cancelled', RQ: 'cancelled', RU: 'cancelled',
  HD: 'on-hold', OH: 'on-hold', HR: 'on-hold',
};
/** The order stands: it is new, changed, released, taken, or could not be cancelled. */
const STANDS: readonly string[] = ['NW', 'RO', 'SN', 'NA', 'XO', 'XX', 'XR', 'RL', 'OE', 'OR', 'OK', 'PA', 'CH', 'UC', 'UD', 'UH', 'UM', 'UR', 'UX'];
/** Order status, HL7 table 0038. */
const STATUSES: Readonly<Record<string, Order['status']>> = {
  A: 'ordered', IP: 'ordered', SC: 'ordered', HD: 'on-hold', CA: 'cancelled', DC: 'cancelled', RP: 'cancelled', CM: 'completed',
};
/** Result status, HL7 table 0123: a laboratory says so how far the order has come. */
const RESULTS: Readonly<Record<string, Order['status']>> = { O: 'ordered', I: 'ordered', S: 'ordered', A: 'ordered', P: 'ordered', R: 'ordered', F: 'completed', C: 'completed', X: 'cancelled' };

const letters = (segment: Segment | undefined, field: number): string => plain(segment?.text(field) ?? '').toUpperCase();

const statusOf = (orc: Segment | undefined, obr: Segment | undefined): Order['status'] => {
  const control = letters(orc, 1);
  return ENDS[control] ?? STATUSES[letters(orc, 5)] ?? RESULTS[letters(obr, 25)] ?? (STANDS.includes(control) ? 'ordered' : 'unknown');
};

/** ORC-9 is the time of what ORC-1 says: of the order only where that is the order. */
const GIVEN: readonly string[] = ['', 'NW', 'RO', 'PA', 'CH'];

const orderOf = ({ orc, obr, segments }: OrderGroup, read: Times['read']): Order => {
  const tq1 = segments.find((segment) => segment.name === 'TQ1');
  const wanted = [read(obr, 36), read(tq1, 7), read(obr, 27, 4), read(orc, 7, 4), read(obr, 6)].find((time) => time !== undefined);
  return {
    code: obr ? codedOf(obr, 4) : {},
    status: statusOf(orc, obr),
    ...said('orderedAt', GIVEN.includes(letters(orc, 1)) ? read(orc, 9)?.instant : undefined),
    ...said('wantedAt', wanted?.instant),
  };
};

const isMedicine = ({ segments }: OrderGroup): boolean => segments.some(({ name }) => name === 'RXO' || name === 'RXE');

/** ORM may order anything: what has no OBR is no test. The others order tests alone, and may name one by its number only. */
const isTest = (group: OrderGroup, type: string): boolean => !isMedicine(group) && (group.obr !== undefined || type !== 'ORM^O01');

/** Results that come along for comparison (OML, OMG) stand behind a second PID. */
const ordersAlone = ({ segments }: Er7Message): readonly Segment[] => {
  const pids = segments.flatMap(({ name }, at) => (name === 'PID' ? [at] : []));
  return segments.slice(0, pids[1]);
};

export const testOrdersIn = (message: Er7Message, type: string): readonly OrderGroup[] => orderGroups(ordersAlone(message)).filter((group) => isTest(group, type));

/** One order per OBR; of a cancel that names none, per ORC. */
export const readTestOrders = (message: Er7Message, type: string, read: Times['read']): StatementsRead => {
  const statements = testOrdersIn(message, type).flatMap((group): readonly StatementSaid[] => {
    const { orc, obr } = group;
    const number = entityOf(obr, 2) || entityOf(orc, 2) || entityOf(obr, 3) || entityOf(orc, 3);
    const says = orderOf(group, read);
    return number === '' && !saysSomething(says.code) ? [] : [{ kind: 'test-order', ...said('number', number), says }];
  });
  if (statements.length === 0) return { statements, reasons: [{ code: 101, where: 'OBR-4', text: 'Nothing says what is ordered: no test in OBR-4 and no number in OBR-2, OBR-3, ORC-2 or ORC-3' }] };
  return { statements: apart(statements), reasons: [] };
};
