import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import type { DataOf } from '@throughline/contracts/flow';
import { Refused } from '@throughline/kernel/refused';
import { Audited, AuditedChange } from '@throughline/platform/audit/audited';
import { Allow } from '@throughline/platform/auth/allow';
import { answer, type Answer } from '@throughline/platform/http/answer';
import { Command, type CommandRequest } from '@throughline/platform/http/command-request';
import { requireVersion } from '@throughline/platform/http/if-match';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { notFound } from '@throughline/platform/http/problem';
import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';
import type { Unit } from '@throughline/platform/persistence/unit';
import type { ServiceDefinition } from '@throughline/platform/service/definition';
import { factsIn } from '@throughline/platform/service/facts';
import type { LedgerSource } from '@throughline/platform/service/ledger';
import { RUNTIME, type ServiceRuntime } from '@throughline/platform/service/runtime';
import { IsString, IsUUID, MaxLength } from 'class-validator';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Two small services for tests of the platform: `toyIntake` records people over HTTP, `toyScheduling` hears of them. */
@Entity({ name: 'toy_person' })
export class ToyPersonRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ type: 'text' })
  family!: string;

  @Column({ type: 'integer' })
  version!: number;
}

export class ToyPerson1767225600000 extends ForwardMigration {
  readonly name = 'ToyPerson1767225600000';
  readonly sql = `-- expand
    create table toy_person (id uuid primary key, patient_id uuid not null, family text not null, version integer not null)`;
}

type Recorded = DataOf<'care.patient.recorded.v1'>;

export interface ToyTx {
  person(id: string): Promise<ToyPersonRow | undefined>;
  save(person: ToyPersonRow): void;
  publish?(data: Recorded): void;
}

class RecordPersonBody {
  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  id!: string;

  @ApiProperty({ maxLength: 40 })
  @IsString()
  @MaxLength(40)
  family!: string;
}

class RenameBody {
  @ApiProperty({ maxLength: 40 })
  @IsString()
  @MaxLength(40)
  family!: string;
}

interface PersonView {
  readonly id: string;
  readonly family: string;
}

const factOf = (row: ToyPersonRow): Recorded => ({ patientId: row.id, version: row.version, name: { family: row.family, given: 'Toy' }, deceased: false });
const viewOf = ({ id, family }: PersonView): PersonView => ({ id, family });

@ApiTags('people')
@Controller('people')
class PeopleController {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime<'intake', ToyTx>) {}

  @Get()
  @Allow('patient:read')
  @Audited('patient', (page: Page<PersonView>) => page.items.map((person) => person.id))
  async list(@Query() query: PageQuery): Promise<Page<PersonView>> {
    const [after] = decodeCursor(query.cursor, 1, { 0: 'uuid' }) ?? [null];
    const rows = await this.runtime.read((sql) =>
      sql.query<PersonView>('select id, family from toy_person where $1::uuid is null or id > $1 order by id limit $2', [after, query.limit + 1]),
    );
    return toPage(rows, query.limit, (row) => [row.id], viewOf);
  }

  @Get(':id')
  @Allow('patient:read')
  @Audited('patient', (person: PersonView) => [person.id])
  async one(@Param('id', ParseUUIDPipe) id: string): Promise<Answer<PersonView>> {
    const [row] = await this.runtime.read((sql) => sql.query<PersonView & { version: number }>('select id, family, version from toy_person where id = $1', [id]));
    if (!row) throw notFound('person');
    return answer(viewOf(row), { version: row.version });
  }

  @Post()
  @Allow('discharge:send')
  @AuditedChange('patient')
  record(@Body() body: RecordPersonBody, @Command() command: CommandRequest): Promise<Answer<PersonView>> {
    return this.runtime.commands.run(command, { patientIds: [body.id], subject: body.id }, async (tx) => {
      if (await tx.person(body.id)) throw new Refused('already-recorded', 'The person is recorded already: rename instead.', 'id');
      return this.#save(tx, { id: body.id, patientId: body.id, family: body.family, version: 1 });
    });
  }

  @Post(':id/rename')
  @HttpCode(200)
  @Allow('task:change')
  @AuditedChange('patient')
  rename(@Param('id', ParseUUIDPipe) id: string, @Body() body: RenameBody, @Command() command: CommandRequest): Promise<Answer<PersonView>> {
    return this.runtime.commands.run(command, { patientIds: [id], subject: id }, async (tx) => {
      const person = await tx.person(id);
      if (!person) throw notFound('person');
      requireVersion(command, person.version);
      if (body.family === person.family) throw new Refused('same-name', 'That is the name already.');
      return this.#save(tx, { ...person, family: body.family, version: person.version + 1 });
    });
  }

  #save(tx: ToyTx, row: ToyPersonRow): Answer<PersonView> {
    tx.save(row);
    tx.publish?.(factOf(row));
    return answer(viewOf(row), { version: row.version });
  }
}

const ledger: LedgerSource = (sql, after, limit) =>
  sql.query(
    `select id::text as cursor, id, now() as at, null as "correlationId", 'person' as kind, id as subject, 'v' || version as outcome
       from toy_person where $1::uuid is null or id > $1 order by id limit $2`,
    [after ?? null, limit],
  );

const toyTx = (unit: Pick<Unit, 'rows'>): ToyTx => ({
  person: (id) => unit.rows(ToyPersonRow).get(id, id),
  save: (row) => unit.rows(ToyPersonRow).put(row),
});

class ToyIntakeModule {}
class ToySchedulingModule {}

const shared = { entities: [ToyPersonRow], migrations: [ToyPerson1767225600000], config: () => ({}), jobs: {} };

const lost = (): Promise<readonly string[]> => Promise.resolve(['the toy knows nothing of it']);

export const toyIntake: ServiceDefinition<'intake', ToyTx, object> = {
  ...shared,
  name: 'intake',
  tx: (unit) => ({ ...toyTx(unit), publish: (data) => unit.publish({ type: 'care.patient.recorded.v1', data }) }),
  consumes: {},
  recovers: {
    restores: {
      'care.patient.recorded.v1': async ({ data }, tx) => {
        tx.save({ id: data.patientId, patientId: data.patientId, family: data.name.family, version: data.version });
        return data.name.given === '' ? [] : ['given name'];
      },
      'care.patients.merged.v1': lost,
      'care.encounter.recorded.v1': lost,
      'care.encounter.withdrawn.v1': lost,
      'care.discharge.planned.v1': lost,
      'care.discharge.recorded.v1': lost,
      'care.discharge.withdrawn.v1': lost,
      'care.prescription.added.v1': lost,
      'care.document.received.v1': lost,
      'care.test.ordered.v1': lost,
      'care.test.resulted.v1': lost,
      'care.condition.stated.v1': lost,
      'care.allergy.stated.v1': lost,
      'care.appointment.stated.v1': lost,
      'care.coverage.stated.v1': lost,
      'care.patient.referred.v1': lost,
      'care.patient.readmitted.v1': lost,
      'care.emergency.visited.v1': lost,
    },
    passesOver: [],
  },
  facts: [factsIn<'intake', ToyPersonRow>(ToyPersonRow, ['care.patient.recorded.v1'], (row) => ({ type: 'care.patient.recorded.v1', data: factOf(row) }))],
  module: (runtime) => {
    runtime.ledger.register('person', ledger);
    return { module: ToyIntakeModule, controllers: [PeopleController] };
  },
};

const nothing = async (): Promise<void> => {};

export const toyScheduling: ServiceDefinition<'scheduling', ToyTx, object> = {
  ...shared,
  name: 'scheduling',
  tx: toyTx,
  consumes: {
    'care.patient.recorded.v1': async ({ data }, tx) => {
      if (data.name.family === 'Poison') throw new Error('a message that fails on its own merits');
      tx.save({ id: data.patientId, patientId: data.patientId, family: data.name.family, version: data.version });
    },
    'care.patients.merged.v1': nothing,
    'care.appointment.stated.v1': nothing,
    'care.episode.opened.v1': nothing,
    'care.episode.changed.v1': nothing,
    'care.episode.ended.v1': nothing,
  },
  recovers: {
    restores: { 'care.follow-up.requested.v1': lost, 'care.follow-up.booked.v1': lost, 'care.follow-up.withdrawn.v1': lost },
    passesOver: [],
  },
  facts: [],
  module: (runtime) => {
    runtime.ledger.register('person', ledger);
    return { module: ToySchedulingModule };
  },
};
