import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { Allow } from '../../auth/allow.js';
import { PageQuery, type Page } from '../../http/paging.js';
import type { LedgerItem } from '../ledger.js';
import { PLATFORM, type PlatformParts } from '../platform-parts.js';
import type { Quiet } from '../quiet.js';

class LedgerQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'The same as `cursor`', type: String })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  after?: string;
}

@ApiTags('operations')
@Controller('ledger')
export class LedgerController {
  constructor(@Inject(PLATFORM) private readonly platform: PlatformParts) {}

  @Get()
  @Allow('ledger:read')
  @ApiOperation({ summary: 'What became of everything this service took in or made: ids and outcomes, no content' })
  list(@Query() query: LedgerQuery): Promise<Page<LedgerItem>> {
    return this.platform.ledger.page(query.after ?? query.cursor, query.limit);
  }

  @Get('quiet')
  @Allow('ledger:read')
  @ApiOperation({ summary: 'Work not finished; all zeros when the service is quiet' })
  quiet(): Promise<Quiet> {
    return this.platform.quiet();
  }
}
