import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { contextOf } from '../http/request-context.js';

/** Who asks: from the verified token. */
export interface Actor {
  readonly sub: string;
  readonly name?: string;
  readonly roles: readonly string[];
}

/** `@CurrentActor() actor: Actor` in a controller. */
export const CurrentActor = createParamDecorator((_data: unknown, context: ExecutionContext): Actor => {
  const { actor } = contextOf(context.switchToHttp().getRequest<object>());
  if (!actor) throw new Error('No actor: the route is @Open');
  return actor;
});
