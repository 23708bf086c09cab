import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { Permission } from './policy.js';

export const ALLOW = Symbol('throughline:allow');
export const OPEN = Symbol('throughline:open');
export const WHEN_SHUT = Symbol('throughline:when-shut');

/** The permission a route asks for, by name from `policy.ts`. A route with neither this nor `@Open` stops the start. */
export const Allow = (permission: Permission): MethodDecorator =>
  applyDecorators(
    SetMetadata(ALLOW, permission),
    ApiBearerAuth(),
    ApiExtension('x-permission', permission),
  );

/** For the few routes that anyone may read: health, metrics, the API's own description. */
export const Open = (): MethodDecorator => SetMetadata(OPEN, true);

/** Served too while the service serves nothing else: how an operator gets it out of that. */
export const EvenWhenShut = (): MethodDecorator => SetMetadata(WHEN_SHUT, true);
