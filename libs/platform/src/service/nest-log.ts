import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's own words go to debug as they may hold anything; its errors keep their stack frames. */
export class NestLog implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(_message: unknown, ..._rest: unknown[]): void {
    // One line per route and module at every start tells nobody anything.
  }

  error(message: unknown, ..._rest: unknown[]): void {
    this.logger.error(message instanceof Error ? { err: message } : {}, 'the framework reports an error');
  }

  warn(message: unknown, ..._rest: unknown[]): void {
    this.logger.warn(message instanceof Error ? { err: message } : {}, 'the framework warns');
  }
}
