import { parser } from '@prometheus-io/lezer-promql';

/** What Prometheus itself adds to every series. */
const ADDED = ['job', 'instance', 'service', 'le'];

export interface KnownMetric {
  readonly labels: readonly string[];
}
export type KnownMetrics = ReadonlyMap<string, KnownMetric>;

interface Node {
  readonly name: string;
  readonly type: { readonly isError: boolean };
  readonly from: number;
  readonly to: number;
  getChild(type: string): Node | null;
  getChildren(type: string): Node[];
}

/** Everything that is wrong with an expression: its grammar, metrics that nobody serves, labels that a metric does not have. */
export const faultsOf = (expression: string, known: KnownMetrics): readonly string[] => {
  const faults: string[] = [];
  const used = new Set<string>(ADDED);
  const grouped: string[] = [];
  const text = (node: Node | null): string => (node ? expression.slice(node.from, node.to) : '');
  parser.parse(expression).iterate({
    enter: ({ node }: { node: unknown }) => {
      const here = node as Node;
      if (here.type.isError) faults.push(`not an expression at ${here.from}: ${expression.slice(here.from, here.from + 20)}`);
      if (here.name === 'GroupingLabels') grouped.push(...here.getChildren('LabelName').map(text));
      if (here.name !== 'VectorSelector') return;
      const name = text(here.getChild('Identifier'));
      const metric = known.get(name) ?? (/_(bucket|sum|count)$/.test(name) ? known.get(name.replace(/_(bucket|sum|count)$/, '')) : undefined);
      if (!metric) return void faults.push(`nobody serves ${name}`);
      for (const label of metric.labels) used.add(label);
      for (const matcher of here.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
        const label = text(matcher.getChild('LabelName'));
        if (![...ADDED, ...metric.labels].includes(label)) faults.push(`${name} has no label ${label}`);
      }
    },
  });
  for (const label of grouped) if (!used.has(label)) faults.push(`nothing in it has the label ${label}`);
  return faults;
};
