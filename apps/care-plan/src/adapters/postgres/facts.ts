import type { Publishes } from '@throughline/contracts/flow';
import { factsIn, type FactSource } from '@throughline/platform/service/facts';
import { episodeData, hasEnded, type Episode } from '../../domain/episode.js';
import { taskData, type Task } from '../../domain/task.js';
import { ContactRow } from './contact.row.js';
import { EpisodeRow } from './episode.row.js';
import { TaskRow } from './task.row.js';

type Type = Publishes<'care-plan'>['type'];
const episodeTypes = ['care.episode.opened.v1', 'care.episode.changed.v1', 'care.episode.ended.v1'] as const satisfies readonly Type[];
const taskTypes = ['care.task.opened.v1', 'care.task.changed.v1', 'care.task.overdue.v1', 'care.task.escalated.v1', 'care.task.completed.v1', 'care.task.withdrawn.v1'] as const satisfies readonly Type[];

const episodeType = (episode: Episode): (typeof episodeTypes)[number] => {
  if (hasEnded(episode)) return 'care.episode.ended.v1';
  return episode.version === 1 ? 'care.episode.opened.v1' : 'care.episode.changed.v1';
};

/** The fact is whole whatever its type says of how it came about. */
const taskType = (task: Task): (typeof taskTypes)[number] => {
  if (task.status === 'completed' || task.status === 'withdrawn') return `care.task.${task.status}.v1`;
  if (task.version === 1) return 'care.task.opened.v1';
  if (task.status === 'open') return 'care.task.changed.v1';
  return task.escalation > 1 ? 'care.task.escalated.v1' : 'care.task.overdue.v1';
};

export const facts: readonly FactSource<'care-plan'>[] = [
  factsIn(EpisodeRow, episodeTypes, ({ body }) => ({ type: episodeType(body), data: episodeData(body), correlationId: body.correlationId })),
  factsIn(TaskRow, taskTypes, ({ body }) => ({ type: taskType(body), data: taskData(body), correlationId: body.correlationId })),
  factsIn(ContactRow, ['care.contact.recorded.v1'], ({ body: { note: _stays, ...said } }) => ({ type: 'care.contact.recorded.v1', data: said })),
];
