import { List, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Task } from '../shapes.js';
import { when } from '../time-words.js';

const EVENTS: Record<string, string> = {
  'care.discharge.recorded.v1': 'A discharge was recorded',
  'care.discharge.withdrawn.v1': 'A discharge was withdrawn after work on it had begun',
};
const CLEARS: Record<string, string> = {
  'contact-reached': 'a recorded contact that reached the patient or a caregiver',
  'reconciliation-completed': 'an attested medication reconciliation',
  'follow-up-booked': 'a booked follow-up visit',
  'completed-by-hand': 'completing it here with an outcome',
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

/** Which event and which protocol step put the task here, how its deadline was made, and what will clear it. */
export const WhyHere = ({ task, onClose }: { readonly task: Task | null; readonly onClose: () => void }) => (
  <Modal opened={!!task} onClose={onClose} title="Why is this here?" closeButtonProps={{ 'aria-label': 'Close' }}>
    {task && (
      <Stack component="dl" m={0} gap="sm">
        <Fact label="Task">{task.label}</Fact>
        <Fact label="Because">
          {EVENTS[task.why.because.eventType] ?? task.why.because.eventType}
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            event {task.why.because.eventId}
            {task.correlationId ? `, message ${task.correlationId}` : ''}
          </Text>
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
        <Fact label="What clears it">
          <List size="sm">
            {task.why.clearedBy.map((code) => (
              <List.Item key={code}>{CLEARS[code] ?? code}</List.Item>
            ))}
          </List>
        </Fact>
      </Stack>
    )}
  </Modal>
);
