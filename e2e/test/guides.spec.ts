import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { POLICY } from '@throughline/platform/auth/policy';
import { createMetrics } from '@throughline/platform/telemetry/metrics';
import { DischargeData } from '@throughline/contracts/intake-events';
import { flow } from '@throughline/contracts/flow';
import { OUTCOMES } from '@throughline/intake/domain/said';
import { root } from '@throughline/testing/system';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((name) => /\.ts$/.test(name) && !/\.spec\.ts$/.test(name))
    .map((name) => `${folder}/${name}`);

/** Guides go stale silently: what can be counted is counted. */
describe('the guides', () => {
  const operator = read('docs/operator.md');
  const documents = ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true }).map((name) => `docs/${String(name)}`)].filter((name) => name.endsWith('.md'));

  it.each(documents)('%s points at what is there', (document) => {
    const targets = [...read(document).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]!);
    expect(targets.filter((target) => !existsSync(join(root, dirname(document), target)))).toEqual([]);
  });

  it('name every setting that the program reads', () => {
    const folders = ['intake', 'care-plan', 'medication-reconciliation', 'scheduling', 'notification', 'throughline'].map((app) => `apps/${app}/src`);
    const names = [...folders, 'libs/platform/src'].flatMap(sources).flatMap((file) => [...read(file).matchAll(/\bTHROUGHLINE_[A-Z][A-Z_]*[A-Z]\b/g)].map((match) => match[0]));
    expect([...new Set(names)].filter((name) => !operator.includes(name))).toEqual([]);
  });

  it('name every metric, and no role is missing', async () => {
    const page = await createMetrics('intake').page();
    const metrics = [...page.matchAll(/^# TYPE throughline_(\S+)/gm)].map((match) => match[1]!);
    expect(metrics.filter((name) => !operator.includes(name))).toEqual([]);
    const roles = [...new Set(Object.values(POLICY).flatMap((rule) => [...rule.roles]))];
    expect(roles.filter((role) => !operator.includes(`| ${role} |`))).toEqual([]);
  });

  it('name every outcome and every reason of one', () => {
    const guide = read('docs/hospital-integrator.md');
    const kept = [...read('apps/intake/src/adapters/postgres/inbound-ledger.ts').split('export const TRIGGER_OF')[0]!.matchAll(/(?:then|else) '([a-z-]+)'/g)].map((match) => match[1]!);
    const decisions = ['domain/decide.ts', 'domain/judge.ts', 'domain/decide-persons.ts', 'application/decide-inbound.ts'].map((file) => read(`apps/intake/src/${file}`)).join('\n');
    const reasons = [...decisions.matchAll(/reason: '([a-z-]+)'/g), ...decisions.matchAll(/\? '([a-z-]+)' : '([a-z-]+)' \}/g)].flatMap((match) => match.slice(1));
    const noFollowUp = DischargeData.shape.followUp.options.flatMap((option) => ('reason' in option.shape ? option.shape.reason.options : []));
    const words = [...OUTCOMES, ...kept, ...reasons, ...noFollowUp];
    expect(words).toEqual(expect.arrayContaining(['discharge', 'quarantined', 'pending', 'cancelled-before', 'nothing-to-withdraw', 'superseded', 'hospice']));
    expect([...new Set(words)].filter((word) => !guide.includes(`\`${word}\``))).toEqual([]);
    const glossary = read('docs/GLOSSARY.md').split('\n').find((line) => line.startsWith('| **outcome**'))!;
    expect([...OUTCOMES, 'quarantined', 'parked'].filter((word) => !glossary.includes(word))).toEqual([]);
  });

  it('name every event', () => {
    const guide = read('docs/tool-builder.md');
    const missing = Object.keys(flow).filter((type) => {
      const [, noun, past] = type.split('.');
      return !guide.includes(`care.${noun}.`) || !guide.includes(past ?? '');
    });
    expect(missing).toEqual([]);
  });
});
