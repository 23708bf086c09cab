import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../config.js';
import { parseProtocol, pinnedProtocol, protocolInForce, type Protocol } from './protocol.js';

const folder = fileURLToPath(new URL('../../../../protocols/', import.meta.url));
const file = (name = 'transitional-care.v1.json') => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Protocol;

describe('protocol files', () => {
  test.each([
    ['transitional-care.v1.json', ['contact', 'obtain-summary', 'reconcile', 'book-visit', 'visit']],
    ['community-referral.v1.json', ['contact', 'needs', 'enrol']],
  ])('ours, %s, is read, with a source for each rule', (name, steps) => {
    expect(parseProtocol(file(name), name).steps.map(({ id }) => id)).toEqual(steps);
  });

  test('a folder from before there were referrals gets our protocol for them; one of its own stands', () => {
    const own = mkdtempSync(join(tmpdir(), 'protocols-'));
    const referrals = () => readConfig({ THROUGHLINE_PROTOCOLS: own }).reference.protocols.filter(({ id }) => id === 'community-referral').map(({ version }) => version);
    try {
      copyFileSync(join(folder, 'transitional-care.v1.json'), join(own, 'transitional-care.v1.json'));
      expect(referrals()).toEqual(['1']);
      writeFileSync(join(own, 'referrals.json'), JSON.stringify({ ...file('community-referral.v1.json'), version: 'ours' }));
      expect(referrals()).toEqual(['ours']);
    } finally {
      rmSync(own, { recursive: true });
    }
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
