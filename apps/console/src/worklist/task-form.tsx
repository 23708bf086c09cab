import { Stack, Text } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';
import { DialogButtons } from '../dialog-buttons.js';
import { nameOf } from '../patient/name-of.js';
import type { Task } from '../shapes.js';
import { ChangeProblem } from './change-problem.js';

/** One idempotency key per thing a person asks for: sent twice it is done once, and asked for otherwise it is another. */
export const useKey = (...asked: readonly unknown[]): string => {
  const said = JSON.stringify(asked);
  return useMemo(() => crypto.randomUUID(), [said]);
};

export interface TaskDialogProps {
  /** As it was when the person opened the dialog: what they see is what they change. */
  readonly task: Task;
  /** The person goes on from how it stands now. */
  readonly onFresh: (task: Task) => void;
  readonly onClose: () => void;
}

interface TaskFormProps extends TaskDialogProps {
  readonly verb: string;
  readonly change: { readonly error: Error | null; readonly isPending: boolean; readonly reset: () => void };
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

/** The frame of every dialog that changes a task. */
export const TaskForm = ({ task, verb, change, onSubmit, onFresh, onClose, children }: TaskFormProps) => (
  <form
    noValidate
    onSubmit={(event) => {
      event.preventDefault();
      onSubmit();
    }}
  >
    <Stack>
      <Text>
        {task.label}, {nameOf(task.patient)}
      </Text>
      {children}
      <ChangeProblem
        task={task}
        error={change.error}
        onFresh={(fresh) => {
          change.reset();
          onFresh(fresh);
        }}
      />
      <DialogButtons verb={verb} busy={change.isPending} onClose={onClose} />
    </Stack>
  </form>
);
