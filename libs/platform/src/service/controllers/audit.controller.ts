import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';
import { Allow } from '../../auth/allow.js';
import { decodeCursor, PageQuery, toPage, type Page } from '../../http/paging.js';
import { RUNTIME, type ServiceRuntime } from '../runtime.js';

class AuditQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Id of a patient; leave out for all', format: 'uuid' })
  @IsOptional()
  @IsUUID()
  patient?: string;
}

interface AuditView {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly roles: readonly string[];
  readonly action: string;
  readonly resource: string;
  readonly patientId: string | null;
  readonly subject: string | null;
  readonly outcome: string;
  readonly correlationId: string | null;
}

@ApiTags('operations')
@Controller('audit')
export class AuditController {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime<never, unknown>) {}

  @Get()
  @Allow('audit:read')
  @ApiOperation({ summary: 'Who read or changed whose data, newest first' })
  async list(@Query() query: AuditQuery): Promise<Page<AuditView>> {
    const [at, id] = decodeCursor(query.cursor, 2, { 0: 'instant', 1: 'uuid' }) ?? [null, null];
    const rows = await this.runtime.read((sql) =>
      sql.query<AuditView & { readonly sort: string }>(
        `select id, at, at::text as sort, actor, roles, action, resource, patient_id as "patientId", subject, outcome, correlation_id as "correlationId"
           from audit
          where ($1::uuid is null or patient_id = $1) and ($2::timestamptz is null or (at, id) < ($2::timestamptz, $3::uuid))
          order by at desc, id desc limit $4`,
        [query.patient ?? null, at, id, query.limit + 1],
      ),
    );
    return toPage(rows, query.limit, (row) => [row.sort, row.id], ({ sort: _, ...view }) => view);
  }
}
