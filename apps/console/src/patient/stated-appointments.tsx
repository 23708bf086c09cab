import { List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get, type Page } from '../api.js';
import type { StatedAppointment } from '../shapes.js';
import { when } from '../time-words.js';
import { withoutNotices } from './without-notices.js';

const OVER = ['cancelled', 'missed', 'kept'];

const wordsOf = ({ startsAt, kind, place, with: whom, source, status }: StatedAppointment): string =>
  [startsAt ? when(startsAt) : 'no time given', kind, place, whom, `${status} at ${source}`].filter((part) => part !== null).join(', ');

/** What hospitals say of their own calendars: to look at before a visit is booked. Nothing is shown where nothing is said. */
export const StatedAppointments = ({ patientId }: { readonly patientId: string }) => {
  const { data } = useQuery({ queryKey: ['stated-appointments', patientId], queryFn: () => get<Page<StatedAppointment>>('/api/scheduling/stated-appointments', { patient: patientId, limit: '50' }), ...withoutNotices });
  const open = data?.items.filter(({ withdrawn, status }) => !withdrawn && !OVER.includes(status)) ?? [];
  if (open.length === 0) return null;
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        In the calendars of others
      </Text>
      <List size="sm">
        {open.map((one) => (
          <List.Item key={one.id}>{wordsOf(one)}</List.Item>
        ))}
      </List>
    </Stack>
  );
};
