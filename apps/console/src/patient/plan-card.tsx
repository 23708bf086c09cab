import { Button, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get, type Page } from '../api.js';
import type { Episode, Task } from '../shapes.js';
import { useTaskDialogs } from '../worklist/task-dialogs.js';
import { TaskRow } from '../worklist/task-row.js';
import { useNow } from '../worklist/worklist.js';
import { Card } from './card.js';
import { RecordContact } from './record-contact.js';

export const PlanCard = ({ patientId, episodes }: { readonly patientId: string; readonly episodes: readonly Episode[] }) => {
  const { data, error, isPending } = useQuery({ queryKey: ['tasks', 'patient', patientId], queryFn: () => get<Page<Task>>('/api/care-plan/tasks', { patient: patientId, status: 'all', limit: '200' }) });
  const { ask, dialogs } = useTaskDialogs();
  const [calling, setCalling] = useState(false);
  const now = useNow();
  const tasks = data?.items ?? [];
  return (
    <Card
      title="Plan and tasks"
      pending={isPending}
      error={error}
      actions={
        <Button size="xs" onClick={() => setCalling(true)}>
          Record a contact
        </Button>
      }
    >
      {episodes.length > 0 && (
        <Text size="sm" c="dimmed">
          {episodes.map(({ protocol }) => `${protocol.id} version ${protocol.version}`).join(', ')}
        </Text>
      )}
      {tasks.length === 0 ? (
        <Text>No tasks.</Text>
      ) : (
        <Table.ScrollContainer minWidth={560}>
          <Table verticalSpacing={5} aria-label="Tasks of this patient">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Due</Table.Th>
                <Table.Th>Task</Table.Th>
                <Table.Th>Who</Table.Th>
                <Table.Th>Do</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {tasks.map((task) => (
                <TaskRow key={task.id} task={task} now={now} showPatient={false} ask={ask} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {dialogs}
      <RecordContact opened={calling} patientId={patientId} episodes={episodes} onClose={() => setCalling(false)} />
    </Card>
  );
};
