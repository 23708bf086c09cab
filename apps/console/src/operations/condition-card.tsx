import { Badge, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Card } from '../patient/card.js';
import type { Condition } from './operations-shapes.js';

/** 503 is an answer here: it comes with the reasons. */
const readiness = async (): Promise<Condition> => {
  const answer = await fetch('/readyz', { headers: { accept: 'application/json' } });
  if (answer.status !== 200 && answer.status !== 503) throw new Error(`The public door answers ${answer.status} to /readyz. Ask it where it runs: a proxy in front of it may keep the address back.`);
  return (await answer.json()) as Condition;
};

const STANDING = {
  ready: { color: 'teal', text: 'Ready' },
  degraded: { color: 'orange', text: 'Ready, with something wrong' },
  away: { color: 'red', text: 'Not ready' },
} as const;

const standingOf = ({ reasons, degraded }: Condition): keyof typeof STANDING => (reasons.length > 0 ? 'away' : degraded.length > 0 ? 'degraded' : 'ready');

export const ConditionCard = () => {
  const { data, error, isPending } = useQuery({ queryKey: ['readiness'], queryFn: readiness, refetchInterval: 10_000 });
  const standing = data && STANDING[standingOf(data)];
  return (
    <Card
      title="Condition"
      pending={isPending}
      error={error}
      actions={
        <span role="status">
          {standing && (
            <Badge color={standing.color} variant="light" tt="none">
              {standing.text}
            </Badge>
          )}
        </span>
      }
    >
      {data && <Faults title="Why it is not ready" faults={data.reasons} />}
      {data && <Faults title="Wrong, and nobody is stopped by it" faults={data.degraded} />}
      {data && standingOf(data) === 'ready' ? <Text>All services are ready, and none reports anything wrong.</Text> : <Text size="sm" c="dimmed">What each reason means and what to do is in the operator&rsquo;s guide, under Health.</Text>}
    </Card>
  );
};

const Faults = ({ title, faults }: { readonly title: string; readonly faults: readonly string[] }) =>
  faults.length > 0 && (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <List size="sm">
        {faults.map((fault) => (
          <List.Item key={fault}>{fault}</List.Item>
        ))}
      </List>
    </div>
  );
