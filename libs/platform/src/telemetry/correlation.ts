import { AsyncLocalStorage } from 'node:async_hooks';

interface Thread {
  readonly correlationId: string;
  readonly traceparent?: string;
}

const threads = new AsyncLocalStorage<Thread>();

/** Runs `work` as part of one thread, from message to task: every log line written in it carries the correlation id. */
export const withCorrelation = <T>(correlationId: string, work: () => T, traceparent?: string): T =>
  threads.run(traceparent === undefined ? { correlationId } : { correlationId, traceparent }, work);

export const currentCorrelation = (): Thread | undefined => threads.getStore();
