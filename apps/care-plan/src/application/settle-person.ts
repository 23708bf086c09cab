import type { Person } from '../domain/person.js';
import { settle } from '../domain/settle.js';
import { tellOf } from './tell-of.js';
import type { Tx } from './ports.js';

/** After any new fact, and whenever a clock rings: makes the person's episodes and tasks agree with what is known, and says what changed. */
export const settlePerson = (person: Person, tx: Tx): void => {
  // Half of the facts would open again what the other half ends.
  if (tx.catchingUp) return;
  const settled = settle(person, tx.reference, tx.now);
  for (const episode of settled.episodes) tx.keepEpisode(episode);
  for (const task of settled.tasks) {
    tx.keepTask(task, person.work.get(task.taskId) ?? {});
    const known = person.tasks.find((other) => other.taskId === task.taskId);
    if (task.wake && (known?.wake?.job !== task.wake.job || known.wake.at !== task.wake.at)) tx.wakeAt(task);
  }
  // What becomes of a task belongs to the thread of the message that made it, whoever or whatever moved it.
  const threads = new Map([...person.tasks, ...settled.tasks].map((task) => [task.taskId, task.correlationId]));
  tx.publish(...settled.events.map((event) => ('taskId' in event.data ? { ...event, correlationId: threads.get(event.data.taskId) } : event)));
  for (const event of settled.events) {
    const entry = tellOf(event, person, tx.now);
    if (entry) tx.tell(entry);
  }
};
