import { Server } from '@nestjs/microservices';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';

/** Calls the Nest handler of an event type; rejects with whatever the handler threw. */
export type HandleEvent = (type: string, event: unknown, tx: unknown) => Promise<void>;

export interface CareServerOptions {
  /** Types that must have a handler, or the application does not start. */
  readonly types: readonly string[];
  /** Starts reading; called by Nest when the microservice starts. Answers how to stop. */
  readonly open: (handle: HandleEvent) => Promise<() => Promise<void>>;
}

/**
 * Nest's transport over any bus: the runner hands in a message with the `Tx` of its batch, and `@EventPattern` handlers get
 * them as payload and context. Nest's own Kafka server has no batches, commits by itself, and swallows or endlessly repeats
 * what fails.
 */
export class CareServer extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  #close: (() => Promise<void>) | undefined;
  /** Nest looks a pattern up by trying to parse it as JSON, which costs an exception per message. */
  readonly #handlers = new Map<string, NonNullable<ReturnType<CareServer['getHandlerByPattern']>>>();

  constructor(private readonly options: CareServerOptions) {
    super();
  }

  readonly handle: HandleEvent = async (type, event, tx) => {
    const handler = this.#handlers.get(type) ?? this.getHandlerByPattern(type);
    if (!handler) throw new Error(`No handler for ${type}`);
    this.#handlers.set(type, handler);
    const result: unknown = await handler(event, tx);
    if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
  };

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      const missing = this.options.types.filter((type) => !this.getHandlerByPattern(type));
      if (missing.length > 0) throw new Error(`No handler for ${missing.join(', ')}`);
      this.#close = await this.options.open(this.handle);
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    const close = this.#close;
    this.#close = undefined;
    await close?.();
  }

  on(): never {
    throw new Error('This transport has no events of its own');
  }

  unwrap<T>(): T {
    throw new Error('This transport has no client of its own');
  }
}
