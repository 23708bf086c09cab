import { Module, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory } from '@nestjs/core';
import type { Service } from '@throughline/contracts/define-event';
import { attemptOf } from '../audit/attempt.js';
import { AuthGuard, DENIED, SHUT, TOKEN_VERIFIER, type Denied } from '../auth/auth.guard.js';
import { checkRoutes } from '../auth/route-check.js';
import type { TokenVerifier } from '../auth/verifier.js';
import { AnswerInterceptor } from '../http/answer.interceptor.js';
import { httpAdapter, type HttpLimits } from '../http/http-adapter.js';
import { openApiDocument } from '../http/openapi.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { validationPipe } from '../http/validation.js';
import { AuditController } from './controllers/audit.controller.js';
import { FactsController } from './controllers/facts.controller.js';
import { HealthController } from './controllers/health.controller.js';
import { LedgerController } from './controllers/ledger.controller.js';
import { OpenApiController } from './controllers/openapi.controller.js';
import { ParkedController } from './controllers/parked.controller.js';
import { PositionsController } from './controllers/positions.controller.js';
import { RecoveryController } from './controllers/recovery.controller.js';
import { NestLog } from './nest-log.js';
import { PLATFORM, type PlatformParts } from './platform-parts.js';
import { RUNTIME, type ServiceRuntime } from './runtime.js';

@Module({})
class PlatformModule {}

@Module({})
class ServiceModule {}

export interface ApplicationParts<S extends Service, Tx> {
  readonly runtime: ServiceRuntime<S, Tx>;
  readonly platform: Omit<PlatformParts, 'openApi'>;
  readonly verifier: TokenVerifier;
  /** The service's own module. */
  readonly module: DynamicModule;
  /** Its handlers of events, as a Nest controller. */
  readonly events?: Type;
  readonly limits?: Partial<HttpLimits>;
}

/** Who is not let learns nothing, so the answer does not wait for better days when the row cannot be written: it is logged. */
const deniedBy = ({ audit, logger }: Pick<ServiceRuntime<never, unknown>, 'audit' | 'logger'>): Denied => async (request, declared, permission) => {
  try {
    await audit.deny(request, attemptOf(request, declared, permission));
  } catch (error) {
    logger.error({ err: error }, 'a request that was not let could not be audited');
  }
};

const platformModule = <S extends Service, Tx>({ runtime, platform, verifier }: ApplicationParts<S, Tx>, openApi: () => unknown): DynamicModule => ({
  module: PlatformModule,
  global: true,
  controllers: [HealthController, OpenApiController, LedgerController, AuditController, ParkedController, PositionsController, FactsController, RecoveryController],
  providers: [
    { provide: RUNTIME, useValue: runtime },
    { provide: PLATFORM, useValue: { ...platform, openApi } satisfies PlatformParts },
    { provide: TOKEN_VERIFIER, useValue: verifier },
    { provide: SHUT, useValue: platform.shut ?? (() => undefined) },
    { provide: DENIED, useValue: deniedBy(runtime) },
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_PIPE, useFactory: validationPipe },
    { provide: APP_INTERCEPTOR, useFactory: () => new AnswerInterceptor(runtime.audit) },
    { provide: APP_FILTER, useFactory: () => new ProblemFilter(runtime.logger) },
  ],
  exports: [RUNTIME, PLATFORM],
});

/**
 * The service's Nest application on Fastify, with the platform's fences around every route. It does not listen yet.
 * @throws Error when a route has no permission, or shows patient data without an audit declaration
 */
export const createApplication = async <S extends Service, Tx>(parts: ApplicationParts<S, Tx>): Promise<INestApplication> => {
  const { runtime, platform, limits } = parts;
  const described: { document?: unknown } = {};
  const root: DynamicModule = { module: ServiceModule, imports: [platformModule(parts, () => described.document), parts.module], controllers: parts.events ? [parts.events] : [] };
  const adapter = httpAdapter({ service: runtime.service, logger: runtime.logger, metrics: platform.metrics, traces: runtime.traces, ...(limits ? { limits } : {}) });
  const app = await NestFactory.create(root, adapter, { bodyParser: false, logger: new NestLog(runtime.logger), abortOnError: false });
  // FHIR clients know one base address, whichever service answers them.
  app.setGlobalPrefix(`api/${runtime.service}`, { exclude: ['livez', 'readyz', 'metrics', 'fhir', 'fhir/*rest'] });
  checkRoutes(app);
  described.document = openApiDocument(app, runtime.service);
  return app;
};
