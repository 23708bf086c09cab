import type { Column } from '../work/work.js';
import { valueFor } from './fill.js';

const column = (name: string, type: string, more: Partial<Column> = {}): Column => ({ name, type, key: false, unique: false, indexed: false, ...more });
const KEY = { key: true, unique: true, indexed: true };

describe('a row on file', () => {
  it('has the id of its patient, the same in every table', () => {
    expect(valueFor('task', column('patient_id', 'uuid', { indexed: true }), false)).toBe(valueFor('stream', column('key', 'uuid', KEY), true));
  });

  it('has ids of its own, and references that lead nowhere as they came', () => {
    expect(valueFor('task', column('id', 'uuid', KEY), true)).toBe(`md5('task.id ' || g)::uuid`);
    expect(valueFor('task', column('episode_id', 'uuid'), false)).toBe('s."episode_id"');
  });

  it('has numbers that no counter will reach', () => {
    expect(valueFor('inbound_log', column('log_offset', 'bigint', KEY), true)).toBe('-1 - g');
  });

  it('differs from others in the last column of its key only', () => {
    expect(valueFor('applied', column('topic', 'text', KEY), false)).not.toContain('md5');
    expect(valueFor('applied', column('subject', 'text', KEY), true)).toContain('md5');
  });

  it('is found by its own number, and waits for nobody', () => {
    expect(valueFor('identifier', column('value', 'text', { indexed: true }), false)).toContain('lpad(p::text');
    expect(valueFor('task', column('status', 'text', { indexed: true }), false)).toBe(`'completed'`);
    expect(valueFor('task', column('body', 'jsonb'), false)).toBe('s."body"');
  });
});
