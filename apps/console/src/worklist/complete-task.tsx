import { Radio, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Task } from '../shapes.js';
import { useComplete } from './task-changes.js';
import { TaskForm, useKey, type TaskDialogProps } from './task-form.js';

interface OutcomeFieldsProps {
  readonly outcomes: Task['outcomes'];
  readonly outcome: string;
  readonly note: string;
  readonly missing: boolean;
  readonly onOutcome: (code: string) => void;
  readonly onNote: (note: string) => void;
}

export const OutcomeFields = ({ outcomes, outcome, note, missing, onOutcome, onNote }: OutcomeFieldsProps) => (
  <>
    <Radio.Group label="Outcome" withAsterisk value={outcome} onChange={onOutcome} error={missing && !outcome ? 'Choose what came of it' : undefined}>
      <Stack gap="xs" mt="xs">
        {outcomes.map((one) => (
          <Radio key={one.code} value={one.code} label={one.label} />
        ))}
      </Stack>
    </Radio.Group>
    <NoteField note={note} onNote={onNote} />
  </>
);

export const NoteField = ({ note, onNote, error }: { readonly note: string; readonly onNote: (note: string) => void; readonly error?: string | undefined }) => (
  <Textarea label="Note" description="Stays with the task; it is never sent to other systems." value={note} onChange={(event) => onNote(event.currentTarget.value)} error={error} autosize minRows={2} maxLength={2000} />
);

export const CompleteForm = ({ task, onFresh, onClose }: TaskDialogProps) => {
  const complete = useComplete();
  const [outcome, setOutcome] = useState('');
  const [note, setNote] = useState('');
  const [missing, setMissing] = useState(false);
  const key = useKey(task.id, task.version, outcome, note);
  const submit = (): void => {
    if (!outcome) return setMissing(true);
    complete.mutate({ task, outcome, note: note.trim(), key }, { onSuccess: onClose });
  };
  return (
    <TaskForm task={task} verb="Complete" change={complete} onSubmit={submit} onFresh={onFresh} onClose={onClose}>
      <OutcomeFields outcomes={task.outcomes} outcome={outcome} note={note} missing={missing} onOutcome={setOutcome} onNote={setNote} />
    </TaskForm>
  );
};
