import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Open } from '../../auth/allow.js';
import { Answer } from '../../http/answer.js';
import { livez } from '../../telemetry/health.js';
import { PLATFORM, type PlatformParts } from '../platform-parts.js';

@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(@Inject(PLATFORM) private readonly platform: PlatformParts) {}

  @Get('livez')
  @Open()
  livez(): unknown {
    return livez();
  }

  /** 503 with every reason while it should get no traffic; what merely degrades it is told beside. */
  @Get('readyz')
  @Open()
  async readyz(): Promise<Answer> {
    const [{ ok, reasons }, { reasons: degraded }] = await Promise.all([this.platform.health.report(), this.platform.degraded.report()]);
    return new Answer({ ok, reasons, degraded }, { status: ok ? 200 : 503 });
  }

  @Get('metrics')
  @Open()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(): Promise<string> {
    return this.platform.metrics.page();
  }
}
