import { Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { when } from '../time-words.js';
import { NoteField } from './complete-task.js';
import { snoozeChoices } from './snooze-choices.js';
import { useSnooze } from './task-changes.js';
import { TaskForm, useKey, type TaskDialogProps } from './task-form.js';
import { REASONS } from './task-words.js';

const OTHER = 'other-time';

export const SnoozeForm = ({ task, onFresh, onClose }: TaskDialogProps) => {
  const snooze = useSnooze();
  const late = task.status === 'overdue';
  const limit = task.snoozeLimit ?? task.dueAt;
  const [choices] = useState(() => snoozeChoices(Date.now(), limit, late));
  const [choice, setChoice] = useState('');
  const [time, setTime] = useState('');
  const [reason, setReason] = useState<string | null>(null);
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const until = choice !== OTHER ? choice : time && new Date(time).toISOString();
  const wordless = reason === 'other' && !note.trim();
  const key = useKey(task.id, task.version, until, reason, note);
  const submit = (): void => {
    if (!until || !reason || wordless) return setTried(true);
    snooze.mutate({ task, until, reason, note: note.trim(), key }, { onSuccess: onClose });
  };
  return (
    <TaskForm task={task} verb="Snooze" change={snooze} onSubmit={submit} onFresh={onFresh} onClose={onClose}>
      <Text size="sm" c="dimmed">
        {late ? 'It is late: it goes on being escalated while it is snoozed.' : `It stays due ${when(task.dueAt)} and is back by then.`}
      </Text>
      <Radio.Group label="Until" withAsterisk value={choice} onChange={setChoice} error={tried && !until ? 'Choose when it comes back' : undefined}>
        <Stack gap="xs" mt="xs">
          {choices.map((one) => (
            <Radio key={one.value} value={one.value} label={one.label} />
          ))}
          <Radio value={OTHER} label="Another time" />
        </Stack>
      </Radio.Group>
      {choice === OTHER && <TextInput type="datetime-local" label="Back at" value={time} onChange={(event) => setTime(event.currentTarget.value)} />}
      <Select label="Why" data={REASONS} value={reason} onChange={setReason} allowDeselect={false} withAsterisk error={tried && !reason ? 'Say why' : undefined} />
      <NoteField note={note} onNote={setNote} error={tried && wordless ? 'Say why it waits' : undefined} />
    </TaskForm>
  );
};
