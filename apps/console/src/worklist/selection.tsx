import { Button, Group, Paper, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Task } from '../shapes.js';
import { CompleteSelected } from './complete-selected.js';
import type { Selection } from './task-row.js';
import { isOpen } from './task-words.js';

/** As many as one request may hold. */
const MOST = 100;

/** Several tasks at once. What is no longer open, or not in the list any more, is not selected any more. */
export const useSelection = (shown: readonly Task[]): { readonly selection: Selection; readonly bar: ReactNode; readonly clear: () => void; readonly all: () => void; readonly count: number } => {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [completing, setCompleting] = useState(false);
  const tasks = shown.filter((task) => ids.has(task.id) && isOpen(task));
  const clear = (): void => setIds(new Set());
  const complete = (): void => setCompleting(true);
  return {
    count: tasks.length,
    clear,
    all: () => setIds(new Set(shown.filter(isOpen).slice(0, MOST).map(({ id }) => id))),
    selection: {
      has: ({ id }) => ids.has(id),
      toggle: ({ id }) => setIds((before) => new Set(before.has(id) ? [...before].filter((other) => other !== id) : [...before, id].slice(-MOST))),
      complete,
    },
    bar: (
      <>
        {tasks.length > 0 && (
          <Paper component="section" aria-label="Selected tasks" withBorder p="xs" pos="sticky" bottom={8} shadow="md">
            <Group justify="space-between">
              <Text role="status">{tasks.length} selected</Text>
              <Group gap="xs">
                <Button size="xs" variant="default" onClick={clear}>
                  Clear
                </Button>
                <Button size="xs" onClick={complete}>
                  Complete {tasks.length}
                </Button>
              </Group>
            </Group>
          </Paper>
        )}
        <CompleteSelected tasks={tasks} opened={completing} onClose={() => setCompleting(false)} onDone={(done) => setIds((before) => new Set([...before].filter((id) => !done.includes(id))))} />
      </>
    ),
  };
};
