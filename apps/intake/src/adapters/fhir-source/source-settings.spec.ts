import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIntakeConfig } from '../../config.js';
import { systemsOf } from './source-settings.js';

const config = (env: Record<string, string> = {}) => readIntakeConfig({ THROUGHLINE_NAMESPACE_SECRET: 'a secret of the tests', ...env });

describe('the settings of the summary source', () => {
  it('nobody is asked by default, and when it is set: after 5 and 30 minutes, 4 hours, 1, 2 and 4 days', () => {
    const { summarySource, summaryChase } = config();
    expect([summarySource, summaryChase.map((ms) => ms / 60_000)]).toEqual([undefined, [5, 30, 240, 1_440, 2_880, 5_760]]);
  });

  it.each([
    ['https://fhir.example.org/r4/', 'https://fhir.example.org/r4'],
    ['http://127.0.0.1:8080/fhir', 'http://127.0.0.1:8080/fhir'],
    ['http://localhost:8080/fhir', 'http://localhost:8080/fhir'],
  ])('takes %s', (given, read) => {
    expect(config({ THROUGHLINE_SUMMARY_SOURCE: given }).summarySource?.href).toBe(read);
  });

  it.each(['http://fhir.example.org/r4', 'http://127.0.0.1.example.org/r4', 'https://user:password@fhir.example.org', 'https://fhir.example.org/r4?tenant=1', 'fhir.example.org', 'ftp://fhir.example.org'])('refuses %s', (given) => {
    expect(() => config({ THROUGHLINE_SUMMARY_SOURCE: given })).toThrow('THROUGHLINE_SUMMARY_SOURCE');
  });

  it('takes rungs of days, hours, minutes and seconds, and refuses what is none or does not rise', () => {
    expect(config({ THROUGHLINE_SUMMARY_CHASE: 'PT90S, PT1H30M, P1DT12H' }).summaryChase).toEqual([90_000, 5_400_000, 129_600_000]);
    for (const wrong of ['5', 'P', 'PT', 'P1W', 'PT0S', 'PT5M,', 'PT5M,PT5M', 'P1D,PT5M']) expect(() => config({ THROUGHLINE_SUMMARY_CHASE: wrong })).toThrow('THROUGHLINE_SUMMARY_CHASE');
  });

  it('takes a token, or a key with its client id, and nothing in between', () => {
    const folder = mkdtempSync(join(tmpdir(), 'summary-key-'));
    const file = (key: object): string => (writeFileSync(join(folder, 'key.json'), JSON.stringify(key)), join(folder, 'key.json'));
    const key = { THROUGHLINE_SUMMARY_SOURCE_KEY: file({ kty: 'EC', crv: 'P-384', d: 'zylphandra', x: 'x', y: 'y' }) };
    const client = { THROUGHLINE_SUMMARY_SOURCE_CLIENT_ID: 'throughline' };
    expect(config({ ...key, ...client }).summarySourceKey).toMatchObject({ kty: 'EC' });
    for (const wrong of [key, client, { ...key, ...client, THROUGHLINE_SUMMARY_SOURCE_TOKEN: 't' }]) expect(() => config(wrong)).toThrow('THROUGHLINE_SUMMARY_SOURCE_');
    for (const none of [{ kty: 'EC', crv: 'P-256', d: 'd' }, { kty: 'EC', crv: 'P-384', x: 'x' }, { kty: 'oct', k: 'zylphandra' }])
      expect(() => config({ ...client, THROUGHLINE_SUMMARY_SOURCE_KEY: file(none) })).toThrow(/^(?!.*zylphandra).*THROUGHLINE_SUMMARY_SOURCE_KEY/s);
    rmSync(folder, { recursive: true });
  });

  it('shows the token to nobody', () => {
    const read = config({ THROUGHLINE_SUMMARY_SOURCE_TOKEN: 'zylphandra' });
    expect([read.summarySourceToken, JSON.stringify(read)]).toEqual(['zylphandra', expect.not.stringContaining('zylphandra')]);
  });

  it('asks by the system that a sender calls a giver of numbers by, else by its name', () => {
    const { of, authorityOf } = systemsOf({ A: { authorities: { 'urn:oid:2.999.7': 'NSH' } }, B: { authorities: { 'https://n.example/mrn': 'NSH', '2.999.8': 'SSH' } }, C: {} });
    expect([of('NSH'), of('OTHER'), of('SSH'), authorityOf('urn:oid:2.999.8'), authorityOf('urn:oid:2.999.9')]).toEqual([['urn:oid:2.999.7', 'https://n.example/mrn'], ['OTHER'], ['urn:oid:2.999.8'], 'SSH', undefined]);
  });
});
