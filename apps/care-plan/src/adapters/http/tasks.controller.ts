import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audited, AuditedChange } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { answer, type Answer } from '@throughline/platform/http/answer';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import { requireVersion } from '@throughline/platform/http/if-match';
import { decodeMoment, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import { claimTask } from '../../application/claim-task.js';
import { completeTask } from '../../application/complete-task.js';
import type { Tx } from '../../application/ports.js';
import { READS, type Reads } from '../../application/reads.js';
import type { Reference } from '../../domain/settle.js';
import { CompleteTaskBody } from './bodies.js';
import { TasksQuery } from './queries.js';
import { REFERENCE } from './reference.js';
import { TaskChangedShape, TaskPageShape, TaskShape } from './shapes.js';
import { taskChanged, taskView, type TaskChanged, type TaskView } from './views.js';

@ApiTags('tasks')
@Controller('tasks')
export class TasksController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'care-plan', Tx>,
    @Inject(READS) private readonly reads: Reads,
    @Inject(REFERENCE) private readonly reference: Reference,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What has to be done, by due time' })
  @ApiOkResponse({ type: TaskPageShape })
  @Allow('task:read')
  @Audited('task', (page: Page<TaskView>) => page.items.map((task) => task.patientId))
  async list(@Query() query: TasksQuery): Promise<Page<TaskView>> {
    const after = decodeMoment(query.cursor);
    const { 'due-before': dueBefore, status, patient, team, assignee } = query;
    const rows = await this.reads.tasks({ status, patient, team, assignee, dueBefore }, after, query.limit + 1);
    return toPage(rows, query.limit, ({ task }) => [task.dueAt, task.taskId], (row) => taskView(row, this.reference));
  }

  @Get(':id')
  @ApiOkResponse({ type: TaskShape, description: 'The ETag is what a change of it has to send in If-Match' })
  @Allow('task:read')
  @Audited('task', (task: TaskView) => [task.patientId])
  async one(@Param('id', ParseUUIDPipe) id: string): Promise<Answer<TaskView>> {
    const found = await this.reads.task(id);
    if (!found) throw notFound('task');
    return answer(taskView(found, this.reference), { version: found.task.version });
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

  @Post(':id/complete')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say that the task is done, and how' })
  @ApiOkResponse({ type: TaskChangedShape })
  @Allow('task:complete')
  @AuditedChange('task')
  complete(@Param('id', ParseUUIDPipe) id: string, @Body() body: CompleteTaskBody, @Command() command: CommandRequest): Promise<Answer<TaskChanged>> {
    return this.#change(id, command, (patientId, tx) => completeTask({ patientId, taskId: id, outcome: body.outcome, note: body.note }, tx));
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
