import { Text, Timeline } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get, type Page } from '../api.js';
import type { TimelineEntry } from '../shapes.js';
import { when } from '../time-words.js';
import { Card } from './card.js';
import { withoutNotices } from './without-notices.js';

/** Instants inside a text are shown in the reader's own zone, like all others. */
const inOwnZone = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, when);

/** What happened, newest first: what care-plan did and heard, and what intake received. */
export const TimelineCard = ({ patientId }: { readonly patientId: string }) => {
  const plan = useQuery({ queryKey: ['timeline', 'care-plan', patientId], queryFn: () => get<Page<TimelineEntry>>(`/api/care-plan/patients/${patientId}/timeline`, { limit: '200' }), ...withoutNotices });
  const intake = useQuery({ queryKey: ['timeline', 'intake', patientId], queryFn: () => get<Page<TimelineEntry>>(`/api/intake/patients/${patientId}/timeline`, { limit: '200' }), ...withoutNotices });
  const entries = [...(plan.data?.items ?? []), ...(intake.data?.items ?? [])].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <Card title="Timeline" pending={plan.isPending} error={plan.error ?? intake.error}>
      {entries.length === 0 && <Text>Nothing yet.</Text>}
      <Timeline active={entries.length} bulletSize={14} lineWidth={2}>
        {entries.map((entry) => (
          <Timeline.Item key={`${entry.kind}-${entry.id}`} title={<Text size="sm">{entry.label}</Text>}>
            <Text size="xs" c="dimmed">
              {when(entry.at)}
              {entry.by ? `, ${entry.by}` : ''}
              {entry.detail ? `, ${inOwnZone(entry.detail)}` : ''}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Card>
  );
};
