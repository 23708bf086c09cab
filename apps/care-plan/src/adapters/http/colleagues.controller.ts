import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow } from '@throughline/platform/auth/allow';
import { decodeCursor, PageQuery, toPage, type Page } from '@throughline/platform/http/paging';
import { COLLEAGUES, type Colleague, type Colleagues } from '../../application/colleagues.js';
import { ColleaguePageShape } from './shapes.js';

@ApiTags('colleagues')
@Controller('colleagues')
export class ColleaguesController {
  constructor(@Inject(COLLEAGUES) private readonly colleagues: Colleagues) {}

  @Get()
  @ApiOperation({ summary: 'Whom a task can be given to: who opened the worklist within the last 90 days, by name' })
  @ApiOkResponse({ type: ColleaguePageShape })
  @Allow('colleague:read')
  async list(@Query() query: PageQuery): Promise<Page<Colleague>> {
    const rows = await this.colleagues.list(decodeCursor(query.cursor, 2), query.limit + 1);
    return toPage(rows, query.limit, ({ name, sub }) => [name, sub], ({ sub, name, roles }) => ({ sub, name, roles }));
  }
}
