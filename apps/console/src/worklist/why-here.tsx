import { List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get, type Page } from '../api.js';
import { referredWords } from '../patient/occasion-words.js';
import type { Task, TimelineEntry } from '../shapes.js';
import { when } from '../time-words.js';
import { snoozeWords } from './task-words.js';

const EVENTS: Record<string, string> = {
  'care.discharge.recorded.v1': 'A discharge was recorded',
  'care.discharge.withdrawn.v1': 'A discharge was withdrawn after work on it had begun',
  'care.patient.referred.v1': 'A referral was recorded',
};
/** One event tells of a referral and of its end. */
const TAKEN_BACK = 'A referral was taken back after work on it had begun';
const because = ({ stepId, why }: Task): string => (stepId === 'review-withdrawn-referral' ? TAKEN_BACK : (EVENTS[why.because.eventType] ?? why.because.eventType));
const CLEARS: Record<string, string> = {
  'contact-reached': 'a recorded contact that reached the patient or a caregiver',
  'reconciliation-completed': 'an attested medication reconciliation',
  'follow-up-booked': 'a booked follow-up visit',
  'summary-received': 'a discharge summary with its text',
};

const Fact = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => (
  <div>
    <Text component="dt" size="sm" c="dimmed">
      {label}
    </Text>
    <Text component="dd" m={0}>
      {children}
    </Text>
  </div>
);

/** From the message that a hospital sent to this task: every id that somebody may ask for, or look for in a log. */
const Thread = ({ task }: { readonly task: Task }) => {
  const { data, isPending } = useQuery({ queryKey: ['timeline', 'intake', task.patientId], queryFn: () => get<Page<TimelineEntry>>(`/api/intake/patients/${task.patientId}/timeline`, { limit: '200' }) });
  const message = data?.items.find(({ id }) => id === task.correlationId);
  return (
    <List size="sm" listStyleType="none" style={{ overflowWrap: 'anywhere' }} data-testid="thread">
      <List.Item>
        {message ? `Message ${message.controlId} from ${message.by}, received ${when(message.at)}` : isPending ? 'Message: looking it up' : 'Message: not among the last 200 of this patient'}
      </List.Item>
      <List.Item>Correlation id {task.correlationId ?? 'none'}</List.Item>
      <List.Item>Event {task.why.because.eventId}</List.Item>
      <List.Item>Task {task.id}</List.Item>
    </List>
  );
};

/** Which event and which protocol step put the task here, how its deadline was made, and what will clear it. */
export const WhyHere = ({ task }: { readonly task: Task }) => (
  <Stack component="dl" m={0} gap="sm">
    <Fact label="Task">{task.label}</Fact>
    <Fact label="Because">
      {because(task)}
      {task.occasion.kind === 'referral' && (
        <Text size="xs" c="dimmed">
          {[referredWords(task.occasion.referredBy), task.occasion.at && when(task.occasion.at), task.occasion.urgency].filter(Boolean).join(', ')}
        </Text>
      )}
    </Fact>
    <Fact label="Protocol">
      {task.why.protocol.id} version {task.why.protocol.version}, step {task.why.step}
    </Fact>
    <Fact label="Due">
      {when(task.dueAt)}
      <Text size="xs" c="dimmed">
        {task.why.deadline.rule} ({task.why.deadline.zone}, calendar {task.why.deadline.calendar})
      </Text>
    </Fact>
    {task.snoozed && (
      <Fact label="Snoozed">
        {snoozeWords(task.snoozed)}
        <Text size="xs" c="dimmed">
          by {task.snoozed.by}
          {task.snoozed.note ? `: ${task.snoozed.note}` : ''}
        </Text>
      </Fact>
    )}
    <Fact label="What clears it">
      <List size="sm">
        {task.why.clearedBy.map((code) => (
          <List.Item key={code}>{CLEARS[code] ?? code}</List.Item>
        ))}
        <List.Item>completing it here with an outcome</List.Item>
      </List>
    </Fact>
    <Fact label="Thread">
      <Thread task={task} />
    </Fact>
  </Stack>
);
