import { RouteConfig } from '@nestjs/platform-fastify';

const RAW_LIMIT = 'throughline:raw-limit';
const RAW_FORM = 'throughline:raw-form';
type RawForm = 'json' | 'xml';

/** The route gets the bytes of a body as they came, up to `limit`: it keeps them, or judges them itself. */
export const RawBody = (limit: number, form: RawForm = 'json'): MethodDecorator => RouteConfig({ [RAW_LIMIT]: limit, [RAW_FORM]: form });

/** The limit of a route that takes bytes; undefined for every other. */
export const rawLimitOf = (config: object | undefined): number | undefined => (config as Readonly<Record<string, number>> | undefined)?.[RAW_LIMIT];

/** Whether the route takes the bytes of a body of this form. */
export const takesRaw = (config: object | undefined, form: RawForm): boolean => (config as Readonly<Record<string, string>> | undefined)?.[RAW_FORM] === form;
