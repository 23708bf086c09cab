import { Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Task } from '../shapes.js';
import { AssignForm } from './assign-task.js';
import { CompleteForm } from './complete-task.js';
import type { TaskDialogProps } from './task-form.js';
import { SnoozeForm } from './snooze-task.js';
import { WhyHere } from './why-here.js';

export type TaskVerb = 'explain' | 'complete' | 'assign' | 'snooze';
export type AskTask = (verb: TaskVerb, task: Task) => void;

const DIALOGS: Record<TaskVerb, { readonly title: string; readonly content: (props: TaskDialogProps) => ReactNode }> = {
  explain: { title: 'Why is this here?', content: ({ task }) => <WhyHere task={task} /> },
  complete: { title: 'Complete task', content: (props) => <CompleteForm {...props} /> },
  assign: { title: 'Give to somebody', content: (props) => <AssignForm {...props} /> },
  snooze: { title: 'Snooze', content: (props) => <SnoozeForm {...props} /> },
};

/** The dialogs of every list of tasks: `ask` opens one, `dialogs` stands anywhere on the page. */
export const useTaskDialogs = (): { readonly ask: AskTask; readonly dialogs: ReactNode } => {
  const [asked, setAsked] = useState<{ verb: TaskVerb; task: Task } | null>(null);
  const close = (): void => setAsked(null);
  return {
    ask: (verb, task) => setAsked({ verb, task }),
    dialogs: (
      <Modal opened={!!asked} onClose={close} title={asked && DIALOGS[asked.verb].title} closeButtonProps={{ 'aria-label': 'Close' }}>
        {asked && DIALOGS[asked.verb].content({ task: asked.task, onFresh: (task) => setAsked({ ...asked, task }), onClose: close })}
      </Modal>
    ),
  };
};
