import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Audited, AuditedChange } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import type { Answer } from '@throughline/platform/http/answer';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import { IsString, IsUUID, Length } from 'class-validator';
import { DUPLICATES, type Duplicates, type Pair } from '../../application/duplicates.js';
import { joinPatients, type Joined } from '../../application/join-patients.js';
import type { IntakeTx } from '../../application/ports.js';
import { READS, type Reads } from '../../application/reads.js';
import { tellApart } from '../../application/tell-apart.js';
import { PairPageShape } from './shapes.js';
import { patientView } from './views.js';

class MergeBody {
  @ApiProperty({ type: String, format: 'uuid', description: 'The patient whose record stands' })
  @IsUUID()
  into!: string;

  @ApiProperty({ type: String, description: 'Why the two are one person, for the record' })
  @IsString()
  @Length(3, 500)
  reason!: string;
}

class TwoPersonsBody {
  @ApiProperty({ type: String, format: 'uuid', description: 'The other patient' })
  @IsUUID()
  other!: string;

  @ApiProperty({ type: String, description: 'Why the two are not one person, for the record' })
  @IsString()
  @Length(3, 500)
  reason!: string;
}

const pairView = ({ records: [first, second], because }: Pair) => ({
  records: [patientView({ patient: first, searchName: '' }), patientView({ patient: second, searchName: '' })],
  because,
});
type PairView = ReturnType<typeof pairView>;

/** Records that may be one patient's. A machine shows them; only a person says what they are. */
@ApiTags('patients')
@Controller()
export class DuplicatesController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime<'intake', IntakeTx>,
    @Inject(READS) private readonly reads: Reads,
    @Inject(DUPLICATES) private readonly duplicates: Duplicates,
  ) {}

  @Get('duplicates')
  @ApiOperation({ summary: 'Patients of the same name and birth date, two by two, that nobody has said anything of' })
  @ApiOkResponse({ type: PairPageShape })
  @Allow('patient:merge')
  @Audited('patient', (page: Page<PairView>) => page.items.flatMap(({ records }) => records.map(({ id }) => id)))
  async list(@Query() query: PageQuery): Promise<Page<PairView>> {
    const rows = await this.duplicates.pairs(decodeCursor(query.cursor, 3, { 1: 'uuid', 2: 'uuid' }), query.limit + 1);
    return toPage(rows, query.limit, ({ searchName, records: [first, second] }) => [searchName, first.patientId, second.patientId], pairView);
  }

  @Post('patients/:id/merge')
  @HttpCode(200)
  @ApiOperation({ summary: 'This record and another are one person’s: the other stands. `unmerge` takes it back' })
  @Allow('patient:merge')
  @AuditedChange('patient')
  async merge(@Param('id', ParseUUIDPipe) id: string, @Body() { into, reason }: MergeBody, @Command() command: CommandRequest): Promise<Answer<Joined>> {
    await this.#known(id, into);
    const at = this.runtime.clock.now().toISOString();
    return this.runtime.commands.run(command, { patientIds: [id, into], subject: id }, (tx) => joinPatients({ patientId: id, into, at, commandId: command.id, actor: command.actor.sub, reason }, tx));
  }

  @Post('patients/:id/two-persons')
  @HttpCode(200)
  @ApiOperation({ summary: 'This record and another look alike and are two persons’: they are not shown as a pair again' })
  @Allow('patient:merge')
  @AuditedChange('patient')
  async apart(@Param('id', ParseUUIDPipe) id: string, @Body() { other, reason }: TwoPersonsBody, @Command() command: CommandRequest): Promise<Answer<{ patientId: string; other: string }>> {
    await this.#known(id, other);
    return this.runtime.commands.run(command, { patientIds: [id, other], subject: id }, (tx) => tellApart({ patientId: id, other, actor: command.actor.sub, reason }, tx));
  }

  async #known(...ids: readonly string[]): Promise<void> {
    for (const id of ids) if (!(await this.reads.person(id))) throw notFound('patient');
  }
}
