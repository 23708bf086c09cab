import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EpisodeOpened, TaskOpened } from '../src/care-plan-events.js';
import { dataSchema } from '../src/asyncapi.js';
import { Ajv } from 'ajv';

const golden = (folder: string, type: string): Record<string, unknown> => JSON.parse(readFileSync(fileURLToPath(new URL(`../golden/${folder}/${type}.json`, import.meta.url)), 'utf8')) as Record<string, unknown>;
const REFERRAL = '00000000-0000-5000-8000-000000000031';

describe.each([EpisodeOpened, TaskOpened])('$type is about a discharge or a referral', ({ type, data }) => {
  const { dischargeId, dischargedAt: _at, ...about } = golden('samples', type);
  const referral = { ...about, ...('kind' in about ? { kind: 'programme', referredAt: '2026-03-06T17:30:00.000Z', referredBy: 'payer', urgency: 'urgent' } : {}), referralId: REFERRAL };

  it('takes either', () => {
    expect(data.parse(referral)).toEqual(referral);
    for (const schema of [golden('schemas', type), dataSchema(type)]) expect(new Ajv({ strict: false, validateFormats: false }).validate(schema, referral)).toBe(true);
  });

  it.each([['neither', about], ['both', { ...referral, dischargeId }]])('refuses %s, and says what it needs', (_what, wrong) => {
    expect(data.safeParse(wrong).error?.issues.map(({ message }) => message)).toEqual([expect.stringContaining('exactly one of dischargeId and referralId')]);
  });
});
