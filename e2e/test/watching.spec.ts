import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '@throughline/contracts/define-event';
import { flow } from '@throughline/contracts/flow';
import { createMetrics } from '@throughline/platform/telemetry/metrics';
import { root, throughline } from '@throughline/testing/system';
import { conditionRoutes } from '@throughline/throughline/front/condition';
import { Upstreams } from '@throughline/throughline/front/upstreams';
import fastify from 'fastify';
import { parse } from 'yaml';
import { faultsOf, type KnownMetrics } from '../src/proofs/promql.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { groups } = parse(read('infra/alerts/throughline.rules.yml')) as { groups: readonly { rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('infra/grafana/throughline.json')) as { panels: readonly Panel[] };
const panels = dashboard.panels.filter((panel) => panel.type !== 'row');
const expressions = [...rules.map((rule) => [rule.alert, rule.expr] as const), ...panels.flatMap((panel) => (panel.targets ?? []).map((target) => [panel.title, target.expr] as const))];

/** The metrics of the services' registry and of front's page, with their labels. */
const servedMetrics = async (): Promise<KnownMetrics> => {
  const known = new Map<string, { labels: string[] }>([['up', { labels: [] }]]);
  for (const metric of createMetrics('intake').registry.getMetricsAsArray()) {
    known.set(metric.name, { labels: [...(metric as unknown as { labelNames: readonly string[] }).labelNames] });
  }
  const app = fastify();
  conditionRoutes(app, { asyncApiFile: '' }, new Upstreams({}), { size: 0 } as never);
  await app.inject('/livez');
  const page = (await app.inject('/metrics')).body;
  await app.close();
  for (const [, name] of page.matchAll(/^# TYPE (throughline_\S+)/gm)) {
    const labels = [...page.matchAll(new RegExp(`^${name}(?:_count)?\\{([^}]*)\\}`, 'gm'))].flatMap((match) => [...match[1]!.matchAll(/(\w+)=/g)].map((label) => label[1]!));
    known.set(name!, { labels: [...new Set(labels)] });
  }
  return known;
};

describe('alerts and dashboard', () => {
  let known: KnownMetrics;
  beforeAll(async () => {
    known = await servedMetrics();
  });

  it.each(expressions)('%s asks for what is served: %s', (_name, expression) => {
    expect(faultsOf(expression, known)).toEqual([]);
  });

  it.each([
    ['a metric that nobody serves', 'sum(throughline_parked_mesages) > 0', /nobody serves throughline_parked_mesages/],
    ['a label that the metric does not have', 'throughline_outbox_rows{state="parked"}', /no label state/],
    ['grouping by a label that nothing has', 'sum by (team) (throughline_outbox_rows)', /label team/],
    ['a broken expression', 'sum(throughline_outbox_rows', /not an expression/],
  ])('catches %s', (_what, expression, says) => {
    expect(faultsOf(expression, known).join()).toMatch(says);
  });

  it('ask for events that exist', () => {
    const literals = expressions.flatMap(([, expression]) => [...expression.matchAll(/type(=~|=)"([^"]+)"/g)].map((match) => [match[1]!, match[2]!] as const));
    expect(literals.length).toBeGreaterThan(0);
    for (const [operator, value] of literals) {
      const wanted = operator === '=' ? [value] : /\(([^)]+)\)/.exec(value)![1]!.split('|').map((one) => value.replace(/\([^)]+\)/, one));
      expect(wanted.filter((type) => !Object.hasOwn(flow, type))).toEqual([]);
    }
  });

  it('show every metric that an operator should see move', () => {
    const shown = expressions.map(([, expression]) => expression).join('\n');
    // The first is told better by lateness; the second is for whoever measures.
    const beside = ['throughline_job_total', 'throughline_sql_statements_total'];
    expect([...known.keys()].filter((metric) => metric.startsWith('throughline_') && !shown.includes(metric) && !beside.includes(metric))).toEqual([]);
  });

  it('the dashboard numbers its panels once, and says what each shows', () => {
    expect(new Set(dashboard.panels.map((panel) => panel.id)).size).toBe(dashboard.panels.length);
    expect(panels.filter((panel) => !panel.description || (panel.targets ?? []).length === 0).map((panel) => panel.title)).toEqual([]);
  });

  it('Prometheus is told of every role at its port', () => {
    const { rule_files, scrape_configs } = parse(read('infra/prometheus/prometheus.yml')) as { rule_files: string[]; scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[] };
    expect(rule_files.filter((file) => !existsSync(join(root, 'infra/prometheus', file)))).toEqual([]);
    expect(scrape_configs.map((one) => one.job_name)).toEqual(['throughline']);
    const targets = scrape_configs.flatMap((one) => one.static_configs.flatMap((each) => each.targets));
    expect(targets.map((target) => target.split(':')[0])).toEqual([...SERVICES, 'front']);
  });
});

const pages = readdirSync(join(root, 'docs/runbooks')).sort();
const pageOf = (alert: string): string => `${alert.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).slice(1)}.md`;

describe('runbooks', () => {
  it('are one for each alert, and none without', () => {
    expect(pages).toEqual(rules.map((rule) => pageOf(rule.alert)).sort());
  });

  it.each(rules)('$alert says whom it calls, after how long, what it is and where to read on', (rule) => {
    expect(rule.labels.severity).toMatch(/^(page|ticket)$/);
    expect(rule.for).toMatch(/^\d+[mh]$/);
    expect(rule.annotations.summary.length).toBeGreaterThan(20);
    expect(rule.annotations.runbook_url).toBe(`docs/runbooks/${pageOf(rule.alert)}`);
    const page = read(rule.annotations.runbook_url);
    expect(page.startsWith(`# ${rule.alert}\n`)).toBe(true);
    const parts = page.split(/^## /m).slice(1);
    expect(parts.map((part) => part.split('\n')[0])).toEqual(['What it means for patients', 'How to confirm', 'What to do', 'How to know it is over']);
    expect(parts.filter((part) => part.split('\n').slice(1).join('').trim().length < 30)).toEqual([]);
  });

  it('and the guides lead to headings that are there', () => {
    const slugs = (document: string): string[] => [...read(document).matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-'));
    const places = ['docs/operator.md', 'docs/tool-builder.md', 'docs/hospital-integrator.md', 'README.md', 'CONTRIBUTING.md', ...pages.map((page) => `docs/runbooks/${page}`)];
    const broken = places.flatMap((place) =>
      [...read(place).matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)].filter((match) => !slugs(match[1] === '' ? place : join(place, '..', match[1]!)).includes(match[2]!)).map((match) => `${place}: ${match[0]}`),
    );
    expect(broken).toEqual([]);
  });

  it('speak of panels that the dashboard has', () => {
    const titles = new Set(dashboard.panels.map((panel) => panel.title));
    const named = pages.flatMap((page) => [...read(`docs/runbooks/${page}`).matchAll(/[Pp]anels? ((?:"[^"]+"(?:,? and |, | beside )?)+)/g)].flatMap((match) => [...match[1]!.matchAll(/"([^"]+)"/g)].map((title) => title[1]!)));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((title) => !titles.has(title))).toEqual([]);
  });
});

/** Verb by verb what `throughline ... --help` knows. */
const helpOf = async (verbs: readonly string[] = []): Promise<ReadonlyMap<string, string>> => {
  const { output } = await throughline([...verbs, '--help']);
  const known = new Map([[verbs.join(' '), output]]);
  for (const [, verb] of (output.split('\nCommands:\n')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)) {
    if (verb !== 'help') for (const [name, text] of await helpOf([...verbs, verb!])) known.set(name, text);
  }
  return known;
};

/** `throughline a b --flag` in code, wherever it stands in a document. */
const commandsIn = (text: string): readonly string[] =>
  [...text.matchAll(/```[a-z]*\n([\s\S]*?)```|`([^`\n]+)`/g)]
    .flatMap((match) => (match[1] ?? match[2]!).replaceAll('\\\n', ' ').split('\n'))
    .flatMap((line) => /(?:^|[\s(])throughline ([a-z].*)$/.exec(line.replace(/\s+#.*$/, ''))?.[1] ?? []);

/** What of a command line the program does not know. */
const unknownIn = (command: string, help: ReadonlyMap<string, string>): readonly string[] => {
  const words = command.split(/[\s|)]+/);
  let verb = '';
  for (const word of words) {
    const next = `${verb} ${word}`.trim();
    if (help.has(next)) verb = next;
    else if (verb === '' || (help.get(verb)?.includes('\nCommands:\n') && /^[a-z]+$/.test(word))) return [`throughline ${next}`];
    else break;
  }
  const flags = [...command.matchAll(/\s(--[a-z][a-z-]*)/g)].map((match) => match[1]!);
  return flags.filter((flag) => !help.get(verb)?.includes(flag)).map((flag) => `throughline ${verb} ${flag}`);
};

describe('the commands that people are told to type', () => {
  let help: ReadonlyMap<string, string>;
  beforeAll(async () => {
    help = await helpOf();
  }, 120_000);

  const documents = ['README.md', 'CONTRIBUTING.md', 'docs/operator.md', 'infra/kafka/README.md', ...pages.map((page) => `docs/runbooks/${page}`)];
  it.each(documents)('%s', (document) => {
    expect(commandsIn(read(document)).flatMap((command) => unknownIn(command, help))).toEqual([]);
  });

  it.each([
    ['heal', ['throughline heal']],
    ['parked mend care-plan 17', ['throughline parked mend']],
    ['check --jornal sent.log', ['throughline check --jornal']],
  ])('`throughline %s` would be caught', (command, faults) => {
    expect(unknownIn(command, help)).toEqual(faults);
  });

  it('are found at all', () => {
    expect(pages.flatMap((page) => commandsIn(read(`docs/runbooks/${page}`))).length).toBeGreaterThan(20);
  });

  it('`npm run` is followed by scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = documents.flatMap((document) => [...read(document).matchAll(/npm run ([a-z]+)/g)].map((match) => match[1]!));
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });
});
