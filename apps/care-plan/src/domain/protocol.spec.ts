import { readFileSync } from 'node:fs';
import { readConfig } from '../config.js';
import { parseProtocol, pinnedProtocol, protocolInForce, type Protocol } from './protocol.js';

const file = () => JSON.parse(readFileSync(new URL('../../../../protocols/transitional-care.v1.json', import.meta.url), 'utf8')) as Protocol;

describe('protocol files', () => {
  test('ours is read, with a source for each rule', () => {
    const protocol = parseProtocol(file(), 'transitional-care.v1.json');
    expect(protocol.steps.map(({ id }) => id)).toEqual(['contact', 'obtain-summary', 'reconcile', 'book-visit', 'visit']);
  });

  test('a wrong one lists every problem', () => {
    const wrong = { ...file(), effectiveFrom: 'soon', steps: [{ ...file().steps[0], team: '', due: { rule: 'whenever' } }] };
    expect(() => parseProtocol(wrong, 'wrong.json')).toThrow(/wrong\.json[\s\S]*effectiveFrom[\s\S]*steps\.0\.team[\s\S]*steps\.0\.due/);
    const torn = file();
    torn.steps[2]!.due = { rule: 'no-later-than', step: 'book-visit', sources: ['nowhere'], confirmLocally: [] };
    torn.steps[1]!.id = 'contact';
    expect(() => parseProtocol(torn, 'torn.json')).toThrow(/contact is used twice[\s\S]*nothing is cited under nowhere[\s\S]*book-visit is not a step due in calendar days/);
  });

  test('the version in force is chosen by the discharge date, and an episode keeps its own', () => {
    const v1 = file();
    const v2 = { ...v1, version: '2', effectiveFrom: '2026-07-01' };
    expect(protocolInForce([v2, v1], v1.id, '2026-06-30').version).toBe('1');
    expect(protocolInForce([v2, v1], v1.id, '2026-07-01').version).toBe('2');
    expect(protocolInForce([v2, v1], v1.id, '2009-01-01').version).toBe('1');
    expect(() => pinnedProtocol([v2], { id: v1.id, version: '1' })).toThrow('transitional-care@1');
  });

  test('folders that are not there stop the start, and are all named', () => {
    expect(() => readConfig({ THROUGHLINE_PROTOCOLS: '/no/such/protocols', THROUGHLINE_CALENDARS: '/no/such/calendars' })).toThrow(/no\/such\/protocols[\s\S]*no\/such\/calendars/);
  });
});
