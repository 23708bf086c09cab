import type { INestApplicationContext, Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { AUDITED } from '../audit/audited.js';
import { ALLOW, OPEN } from './allow.js';
import { isClinical, POLICY, type Permission } from './policy.js';

const problemOf = (handler: object): string | undefined => {
  const open = Reflect.getMetadata(OPEN, handler) === true;
  const permission = Reflect.getMetadata(ALLOW, handler) as Permission | undefined;
  if (open && permission) return 'has both @Open and @Allow';
  if (open) return undefined;
  if (!permission) return 'has neither @Allow nor @Open';
  if (!(permission in POLICY)) return `asks for ${permission}, which is not in the policy`;
  if (isClinical(permission) && !Reflect.hasMetadata(AUDITED, handler)) return `shows or changes patient data (${permission}) and has neither @Audited nor @AuditedChange`;
  return undefined;
};

/**
 * Every HTTP route of the application says who may use it and how it is audited.
 * @throws Error listing each route that does not
 */
export const checkRoutes = (app: INestApplicationContext): void => {
  const scanner = new MetadataScanner();
  const problems: string[] = [];
  for (const module of app.get(ModulesContainer, { strict: false }).values()) {
    for (const { metatype } of module.controllers.values()) {
      const { prototype, name } = metatype as Type<object>;
      for (const method of scanner.getAllMethodNames(prototype)) {
        const handler = (prototype as Record<string, object>)[method]!;
        if (!Reflect.hasMetadata(PATH_METADATA, handler) || !Reflect.hasMetadata(METHOD_METADATA, handler)) continue;
        const problem = problemOf(handler);
        if (problem) problems.push(`${name}.${method} ${problem}`);
      }
    }
  }
  if (problems.length > 0) throw new Error(`Routes that are not fenced:\n- ${problems.join('\n- ')}`);
};
