import { Button, Group, Modal, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { nameOf } from '../patient/name-of.js';
import type { Task } from '../shapes.js';
import { useComplete } from './task-changes.js';

export const CompleteTask = ({ task, onClose }: { readonly task: Task | null; readonly onClose: () => void }) => (
  <Modal opened={!!task} onClose={onClose} title="Complete task" closeButtonProps={{ 'aria-label': 'Close' }}>
    {task && <Form key={task.id} task={task} onClose={onClose} />}
  </Modal>
);

const Form = ({ task, onClose }: { readonly task: Task; readonly onClose: () => void }) => {
  const complete = useComplete();
  const [outcome, setOutcome] = useState('');
  const [note, setNote] = useState('');
  const [missing, setMissing] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!outcome) return setMissing(true);
        complete.mutate({ task, outcome, note: note.trim() || undefined }, { onSuccess: onClose });
      }}
    >
      <Stack>
        <Text>
          {task.label}, {nameOf(task.patient)}
        </Text>
        <Radio.Group label="Outcome" withAsterisk value={outcome} onChange={setOutcome} error={missing && !outcome ? 'Choose what came of it' : undefined}>
          <Stack gap="xs" mt="xs">
            {task.outcomes.map((one) => (
              <Radio key={one.code} value={one.code} label={one.label} />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea label="Note" description="Stays with the task; it is never sent to other systems." value={note} onChange={(event) => setNote(event.currentTarget.value)} autosize minRows={2} maxLength={2000} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={complete.isPending}>
            Complete
          </Button>
        </Group>
      </Stack>
    </form>
  );
};
