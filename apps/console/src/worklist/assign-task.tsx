import { Select } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useSession } from '../session/session.js';
import { useColleagues } from './colleagues.js';
import { useAssign } from './task-changes.js';
import { TaskForm, useKey, type TaskDialogProps } from './task-form.js';

/** Not a `sub`: it stands for nobody. */
const TEAM = ' team';

export const AssignForm = ({ task, onFresh, onClose }: TaskDialogProps) => {
  const { user } = useSession();
  const { colleagues, readAgain } = useColleagues();
  // Who signed in since the page was opened belongs to the list.
  useEffect(readAgain, []);
  const assign = useAssign();
  const [chosen, setChosen] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const key = useKey(task.id, task.version, chosen);
  const others = colleagues.filter(({ sub }) => sub !== task.assignee);
  const people = others.map(({ sub, name, roles }) => ({ value: sub, label: sub === user.sub ? `${name} (me)` : `${name}, ${roles.join(', ')}` }));
  const choices = task.assignee ? [{ value: TEAM, label: `Back to the team ${task.team}` }, ...people] : people;
  const submit = (): void => {
    if (!chosen) return setMissing(true);
    const name = chosen === TEAM ? `the team ${task.team}` : (colleagues.find(({ sub }) => sub === chosen)?.name ?? chosen);
    assign.mutate({ task, assignee: chosen === TEAM ? null : chosen, name, key }, { onSuccess: onClose });
  };
  return (
    <TaskForm task={task} verb="Give" change={assign} onSubmit={submit} onFresh={onFresh} onClose={onClose}>
      <Select
        label="To"
        description="Whoever has opened the worklist within the last three months."
        placeholder="Type a name"
        data={choices}
        value={chosen}
        onChange={setChosen}
        searchable
        withAsterisk
        nothingFoundMessage="Nobody of that name has opened the worklist yet"
        error={missing && !chosen ? 'Choose who gets it' : undefined}
        data-autofocus
      />
    </TaskForm>
  );
};
