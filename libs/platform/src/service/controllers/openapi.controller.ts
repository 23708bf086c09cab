import { Controller, Get, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Open } from '../../auth/allow.js';
import { PLATFORM, type PlatformParts } from '../platform-parts.js';

@ApiExcludeController()
@Controller()
export class OpenApiController {
  constructor(@Inject(PLATFORM) private readonly platform: PlatformParts) {}

  @Get('openapi.json')
  @Open()
  document(): unknown {
    return this.platform.openApi();
  }
}
