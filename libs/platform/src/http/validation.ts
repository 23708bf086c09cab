import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { invalidFields, type FieldError } from './problem.js';

const pathOf = (parent: string, property: string): string => {
  if (/^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent ? `${parent}.${property}` : property;
};

const saying = (constraint: string, message: string, property: string): string => {
  if (constraint === 'whitelistValidation') return 'is not a field of this request: remove it';
  if (constraint === 'unknownValue') return 'cannot be read: send an object';
  const rest = message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
  return rest.replace(/^nested property \S+ /, '');
};

const flatten = (errors: readonly ValidationError[], parent = ''): FieldError[] =>
  errors.flatMap((error) => {
    const field = pathOf(parent, error.property);
    const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => saying(constraint, message, error.property));
    return [...(own.length > 0 ? [{ field, detail: own.join('; ') }] : []), ...flatten(error.children ?? [], field)];
  });

const MOST_ERRORS = 50;

/** Unknown fields are refused, not dropped: a misspelt `due-before` that is ignored answers another question. */
export const validationPipe = (): ValidationPipe =>
  new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => invalidFields(flatten(errors).slice(0, MOST_ERRORS)),
  });
