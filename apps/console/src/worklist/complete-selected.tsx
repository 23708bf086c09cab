import { Alert, Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { nameOf } from '../patient/name-of.js';
import type { Completion, Task } from '../shapes.js';
import { OutcomeFields } from './complete-task.js';
import { STALE, useCompleteMany } from './task-changes.js';
import { useKey } from './task-form.js';

interface CompleteSelectedProps {
  readonly tasks: readonly Task[];
  readonly opened: boolean;
  readonly onClose: () => void;
  /** What was done is selected no longer; what was not stays. */
  readonly onDone: (ids: readonly string[]) => void;
}

/** What every one of them may be completed with. */
const inCommon = (tasks: readonly Task[]): Task['outcomes'] => tasks[0]?.outcomes.filter(({ code }) => tasks.every((task) => task.outcomes.some((one) => one.code === code))) ?? [];

/** What is about to be done, and for whom: the last look before several are gone at once. */
const Selected = ({ tasks }: { readonly tasks: readonly Task[] }) => (
  <List size="sm">
    {[...Map.groupBy(tasks, ({ label }) => label)].map(([label, some]) => (
      <List.Item key={label}>
        {some.length} × {label}
        <Text size="xs" c="dimmed">
          {some.map(({ patient }) => nameOf(patient)).join(', ')}
        </Text>
      </List.Item>
    ))}
  </List>
);

export const CompleteSelected = ({ opened, ...rest }: CompleteSelectedProps) => (
  <Modal opened={opened} onClose={rest.onClose} title="Complete the selected tasks" closeButtonProps={{ 'aria-label': 'Close' }}>
    {opened && <Form {...rest} />}
  </Modal>
);

const Form = ({ tasks: selected, onClose, onDone }: Omit<CompleteSelectedProps, 'opened'>) => {
  // As they were when the dialog was opened.
  const [tasks] = useState(selected);
  const complete = useCompleteMany();
  const [outcome, setOutcome] = useState('');
  const [note, setNote] = useState('');
  const [missing, setMissing] = useState(false);
  const key = useKey(tasks.map(({ id, version }) => [id, version]), outcome, note);
  const outcomes = inCommon(tasks);
  const submit = (): void => {
    if (!outcome) return setMissing(true);
    complete.mutate({ tasks, outcome, note: note.trim(), key }, { onSuccess: (results) => onDone(results.filter(({ result }) => result === 'completed').map(({ id }) => id)) });
  };
  if (complete.data) return <Results tasks={tasks} results={complete.data} onClose={onClose} />;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        <Selected tasks={tasks} />
        {outcomes.length === 0 ? (
          <Alert color="orange" title="No outcome fits all of them">
            Select tasks of one kind and complete those together.
          </Alert>
        ) : (
          <OutcomeFields outcomes={outcomes} outcome={outcome} note={note} missing={missing} onOutcome={setOutcome} onNote={setNote} />
        )}
        {complete.error && (
          <Alert color="red" title="Not done">
            {complete.error.message}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {outcomes.length > 0 && (
            <Button type="submit" loading={complete.isPending}>
              Complete {tasks.length}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
};

const WORDS: Record<Completion['result'], string> = {
  completed: 'done',
  'stale-version': STALE,
  'not-allowed': 'Not allowed.',
  'not-found': 'It is not there any more.',
};

const Results = ({ tasks, results, onClose }: { readonly tasks: readonly Task[]; readonly results: readonly Completion[]; readonly onClose: () => void }) => {
  const left = results.filter(({ result }) => result !== 'completed');
  const nameOfTask = (id: string): string => tasks.filter((task) => task.id === id).map((task) => `${task.label}, ${nameOf(task.patient)}`)[0] ?? id;
  return (
    <Stack>
      <Text role="status">
        {results.length - left.length} of {results.length} completed.
      </Text>
      {left.length > 0 && (
        <Alert color="orange" title="Not completed, and still selected">
          <List size="sm">
            {left.map(({ id, result, detail }) => (
              <List.Item key={id}>
                {nameOfTask(id)}: {detail ?? WORDS[result]}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Group justify="flex-end">
        <Button onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Stack>
  );
};
