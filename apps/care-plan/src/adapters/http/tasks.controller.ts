import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Refused } from '@throughline/kernel/refused';
import { Audited, AuditedChange } from '@throughline/platform/audit/audited';
import { CurrentActor, type Actor } from '@throughline/platform/auth/actor';
import { Allow } from '@throughline/platform/auth/allow';
import { allows } from '@throughline/platform/auth/policy';
import { answer, type Answer } from '@throughline/platform/http/answer';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import { requireVersion } from '@throughline/platform/http/if-match';
import { decodeMoment, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import { assignTask, claimTask } from '../../application/assign-task.js';
import { COLLEAGUES, type Colleague, type Colleagues } from '../../application/colleagues.js';
import { completeTask } from '../../application/complete-task.js';
import { completeTasks, type CompletionResult } from '../../application/complete-tasks.js';
import type { Tx } from '../../application/ports.js';
import { READS, type Reads } from '../../application/reads.js';
import { snoozeTask, unsnoozeTask } from '../../application/snooze-task.js';
import type { Reference } from '../../domain/settle.js';
import { AssignTaskBody, CompleteTaskBody, CompleteTasksBody, SnoozeTaskBody } from './bodies.js';
import { TasksQuery } from './queries.js';
import { REFERENCE, SNOOZE_HOURS } from './reference.js';
import { TaskChangedShape, TaskPageShape, TasksCompletedShape, TaskShape } from './shapes.js';
import { taskChanged, taskView, type TaskChanged, type TaskView, type Viewpoint } from './views.js';

const mayWork = (colleague: Colleague | undefined): boolean => colleague !== undefined && allows('task:complete', colleague.roles);

@ApiTags('tasks')
@Controller('tasks')
export class TasksController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'care-plan', Tx>,
    @Inject(READS) private readonly reads: Reads,
    @Inject(COLLEAGUES) private readonly colleagues: Colleagues,
    @Inject(REFERENCE) private readonly reference: Reference,
    @Inject(SNOOZE_HOURS) private readonly hoursSnoozedWhenLate: number,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What has to be done, by due time' })
  @ApiOkResponse({ type: TaskPageShape })
  @Allow('task:read')
  @Audited('task', (page: Page<TaskView>) => page.items.map((task) => task.patientId))
  async list(@Query() query: TasksQuery, @CurrentActor() { sub, name = sub, roles }: Actor): Promise<Page<TaskView>> {
    const after = decodeMoment(query.cursor);
    const from = this.#viewpoint();
    const { 'due-before': dueBefore, status, patient, team, assignee } = query;
    const snoozed = query.snoozed && { is: query.snoozed === 'yes', now: from.now };
    await this.colleagues.seen({ sub, name, roles });
    const rows = await this.reads.tasks({ status, patient, team, assignee, dueBefore, snoozed }, after, query.limit + 1);
    return toPage(rows, query.limit, ({ task }) => [task.dueAt, task.taskId], (row) => taskView(row, from));
  }

  @Get(':id')
  @ApiOkResponse({ type: TaskShape, description: 'The ETag is what a change of it has to send in If-Match' })
  @Allow('task:read')
  @Audited('task', (task: TaskView) => [task.patientId])
  async one(@Param('id', ParseUUIDPipe) id: string): Promise<Answer<TaskView>> {
    const found = await this.reads.task(id);
    if (!found) throw notFound('task');
    return answer(taskView(found, this.#viewpoint()), { version: found.task.version });
  }

  @Post(':id/claim')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take the task on, or over' })
  @ApiOkResponse({ type: TaskChangedShape })
  @Allow('task:change')
  @AuditedChange('task')
  claim(@Param('id', ParseUUIDPipe) id: string, @Command() command: CommandRequest): Promise<Answer<TaskChanged>> {
    return this.#change(id, command, (patientId, tx) => claimTask({ patientId, taskId: id }, tx));
  }

  @Post(':id/assign')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give the task to a person, or back to its team' })
  @ApiOkResponse({ type: TaskChangedShape })
  @Allow('task:change')
  @AuditedChange('task')
  async assign(@Param('id', ParseUUIDPipe) id: string, @Body() { assignee }: AssignTaskBody, @Command() command: CommandRequest): Promise<Answer<TaskChanged>> {
    if (assignee !== null && !mayWork(await this.colleagues.find(assignee))) {
      throw new Refused('unknown-colleague', 'Choose one of GET /colleagues: whoever has opened the worklist lately. Nobody else would see the task.', 'assignee');
    }
    return this.#change(id, command, (patientId, tx) => assignTask({ patientId, taskId: id, ...(assignee === null ? {} : { to: assignee }) }, tx));
  }

  @Post(':id/snooze')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put the task aside for a while; it is due when it was due' })
  @ApiOkResponse({ type: TaskChangedShape })
  @Allow('task:change')
  @AuditedChange('task')
  snooze(@Param('id', ParseUUIDPipe) id: string, @Body() { until, reason, note }: SnoozeTaskBody, @Command() command: CommandRequest): Promise<Answer<TaskChanged>> {
    return this.#change(id, command, (patientId, tx) => snoozeTask({ patientId, taskId: id, until, reason, note }, tx));
  }

  @Post(':id/unsnooze')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take the task up again before its time' })
  @ApiOkResponse({ type: TaskChangedShape })
  @Allow('task:change')
  @AuditedChange('task')
  unsnooze(@Param('id', ParseUUIDPipe) id: string, @Command() command: CommandRequest): Promise<Answer<TaskChanged>> {
    return this.#change(id, command, (patientId, tx) => unsnoozeTask({ patientId, taskId: id }, tx));
  }

  @Post('complete')
  @HttpCode(200)
  @ApiOperation({ summary: 'Complete several tasks with one outcome; each is answered for itself' })
  @ApiOkResponse({ type: TasksCompletedShape })
  @Allow('task:complete')
  @AuditedChange('task')
  async completeMany(@Body() body: CompleteTasksBody, @Command() command: CommandRequest): Promise<Answer<{ readonly results: readonly CompletionResult[] }>> {
    const owners = await this.reads.owners(body.tasks.map(({ id }) => id));
    const patientIds = [...new Set([...owners.values()].map(({ patientId }) => patientId))];
    // One transaction, so that the same key is one answer whatever fails between.
    return this.runtime.commands.run(command, { patientIds, subject: command.id }, async (tx) => answer({ results: await completeTasks(body, owners, tx) }));
  }

  @Post(':id/complete')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say that the task is done, and how' })
  @ApiOkResponse({ type: TaskChangedShape })
  @Allow('task:complete')
  @AuditedChange('task')
  complete(@Param('id', ParseUUIDPipe) id: string, @Body() body: CompleteTaskBody, @Command() command: CommandRequest): Promise<Answer<TaskChanged>> {
    return this.#change(id, command, (patientId, tx) => completeTask({ patientId, taskId: id, outcome: body.outcome, note: body.note }, tx));
  }

  #viewpoint(): Viewpoint {
    return { reference: this.reference, now: this.runtime.clock.now().toISOString(), hoursSnoozedWhenLate: this.hoursSnoozedWhenLate };
  }

  async #change(id: string, command: CommandRequest, change: (patientId: string, tx: Tx) => Promise<void>): Promise<Answer<TaskChanged>> {
    const found = await this.reads.task(id);
    if (!found) throw notFound('task');
    // Whose it is never changes; everything else is read again under the lock.
    const { patientId } = found.task;
    const read = async (tx: Tx) => (await tx.person(patientId)).tasks.find((task) => task.taskId === id);
    return this.runtime.commands.run(command, { patientIds: [patientId], subject: id, correlationId: found.task.correlationId }, async (tx) => {
      const before = await read(tx);
      if (!before) throw notFound('task');
      requireVersion(command, before.version);
      await change(patientId, tx);
      const task = (await read(tx)) ?? before;
      return answer(taskChanged(task), { version: task.version });
    });
  }
}
