import { Badge, Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DialogButtons } from '../dialog-buttons.js';
import { get, type Page } from '../api.js';
import type { FollowUp } from '../shapes.js';
import { day, when } from '../time-words.js';
import { useBook } from '../worklist/task-changes.js';
import { Card } from './card.js';
import { StatedAppointments } from './stated-appointments.js';
import { withoutNotices } from './without-notices.js';

const MODES = [
  { value: 'in-person', label: 'In person' },
  { value: 'video', label: 'Video' },
  { value: 'telephone', label: 'Telephone' },
];

export const FollowUpCard = ({ patientId }: { readonly patientId: string }) => {
  const { data, error, isPending } = useQuery({ queryKey: ['follow-ups', patientId], queryFn: () => get<Page<FollowUp>>('/api/scheduling/follow-ups', { patient: patientId, limit: '50' }), ...withoutNotices });
  const [booking, setBooking] = useState<FollowUp | null>(null);
  const live = data?.items.filter((one) => one.status !== 'withdrawn') ?? [];
  return (
    <Card title="Follow-up visit" pending={isPending} error={error}>
      {live.length === 0 && <Text>No visit is asked for.</Text>}
      {live.map((one) => (
        <Stack key={one.id} gap="xs">
          <Group justify="space-between">
            <Text>
              {day(one.window.from)} to {day(one.window.to)}
            </Text>
            <Badge color={one.status === 'booked' ? 'teal' : 'orange'} variant="light" tt="none">
              {one.status === 'booked' ? 'Booked' : 'To be booked'}
            </Badge>
          </Group>
          {one.appointment && (
            <Text size="sm">
              {when(one.appointment.at)}, {one.appointment.mode}
            </Text>
          )}
          {one.status === 'requested' && (
            <Button size="xs" variant="default" onClick={() => setBooking(one)}>
              Record the booked visit
            </Button>
          )}
        </Stack>
      ))}
      <StatedAppointments patientId={patientId} />
      <Modal opened={!!booking} onClose={() => setBooking(null)} title="Record the booked visit" closeButtonProps={{ 'aria-label': 'Close' }}>
        {booking && <BookForm followUp={booking} onClose={() => setBooking(null)} />}
      </Modal>
    </Card>
  );
};

const BookForm = ({ followUp, onClose }: { readonly followUp: FollowUp; readonly onClose: () => void }) => {
  const book = useBook();
  const [at, setAt] = useState<string | null>(null);
  const [mode, setMode] = useState<string | null>('in-person');
  const [missing, setMissing] = useState(false);
  const outside = !!at && (at.slice(0, 10) < followUp.window.from || at.slice(0, 10) > followUp.window.to);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!at || !mode) return setMissing(true);
        book.mutate({ id: followUp.id, version: followUp.version, at: new Date(at).toISOString(), mode, ...(outside ? { outsideWindow: true } : {}) }, { onSuccess: onClose });
      }}
    >
      <Stack>
        <DateTimePicker label="When" withAsterisk value={at} onChange={setAt} error={missing && !at ? 'Say when the visit is' : undefined} />
        <Select label="How" data={MODES} value={mode} onChange={setMode} allowDeselect={false} withAsterisk />
        {outside && (
          <Text size="sm" c="orange.9" role="alert">
            This is outside the window of {day(followUp.window.from)} to {day(followUp.window.to)}. It is recorded all the same.
          </Text>
        )}
        <DialogButtons verb="Record" busy={book.isPending} onClose={onClose} />
      </Stack>
    </form>
  );
};
