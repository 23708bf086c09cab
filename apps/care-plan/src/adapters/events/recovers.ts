import type { Recovers } from '@throughline/platform/recovery/recovers';
import type { Tx } from '../../application/ports.js';
import { restoreContact, restoreEpisode, restoreTask } from '../../application/restore.js';
import { wakeTask } from '../../application/wake-task.js';

/** Every version of a discharge or referral counts here: the first one opened the episode, and the earliest time stated stays. */
export const recovers: Recovers<'care-plan', Tx> = {
  restores: {
    'care.episode.opened.v1': restoreEpisode,
    'care.episode.changed.v1': restoreEpisode,
    'care.episode.ended.v1': restoreEpisode,
    'care.task.opened.v1': restoreTask,
    'care.task.changed.v1': restoreTask,
    'care.task.overdue.v1': restoreTask,
    'care.task.escalated.v1': restoreTask,
    'care.task.completed.v1': restoreTask,
    'care.task.withdrawn.v1': restoreTask,
    'care.contact.recorded.v1': restoreContact,
  },
  passesOver: [],
  settle: (patientId, tx) => wakeTask({ patientId }, tx),
};
