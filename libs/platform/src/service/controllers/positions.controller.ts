import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow } from '../../auth/allow.js';
import type { Page } from '../../http/paging.js';
import type { PositionView } from '../positions-view.js';
import { PLATFORM, type PlatformParts } from '../platform-parts.js';

@ApiTags('operations')
@Controller('positions')
export class PositionsController {
  constructor(@Inject(PLATFORM) private readonly platform: PlatformParts) {}

  @Get()
  @Allow('position:read')
  @ApiOperation({ summary: 'How far each topic is read, and whether the log agrees with the position' })
  async list(): Promise<Page<PositionView>> {
    return { items: await this.platform.positions(), nextCursor: null };
  }
}
