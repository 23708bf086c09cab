import { Catch, Controller, UseFilters } from '@nestjs/common';
import type { RpcExceptionFilter, Type } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { throwError } from 'rxjs';
import type { Observable } from 'rxjs';

/** Nest's own filter replaces an error by `Internal server error`; parking needs the real one. */
@Catch()
export class RealErrorFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** Event type -> handler, as a `Consumes` table is. */
export type EventHandlers = Readonly<Record<string, (event: never, tx: never) => Promise<void>>>;

/** A Nest controller with one `@EventPattern` per line of the table. */
export const eventsController = (consumes: EventHandlers): Type => {
  @Controller()
  @UseFilters(RealErrorFilter)
  class EventsController {}

  const prototype = EventsController.prototype as unknown as Record<string, unknown>;
  for (const [type, handler] of Object.entries(consumes)) {
    Object.defineProperty(prototype, type, {
      value: (event: never, tx: never): Promise<void> => handler(event, tx),
      writable: true,
      configurable: true,
    });
    Payload()(prototype, type, 0);
    Ctx()(prototype, type, 1);
    EventPattern(type)(prototype, type, Object.getOwnPropertyDescriptor(prototype, type)!);
  }
  return EventsController;
};
