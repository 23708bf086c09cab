import { Answer } from '@throughline/platform/http/answer';
import type { CommandRequest } from '@throughline/platform/http/command-request';
import type { CommandShare } from '@throughline/platform/http/commands';
import { Problem } from '@throughline/platform/http/problem';
import type { ServiceRuntime } from '@throughline/platform/service/runtime';
import { NotStored, type Arrival, type IntakeTx, type Receipt, type Receiver } from '../../application/ports.js';

export interface Keeping {
  readonly runtime: ServiceRuntime<'intake', IntakeTx>;
  readonly receiver: Receiver<CommandShare, Answer<unknown>>;
  /** As it is counted: `fhir`, `ccda`. */
  readonly channel: string;
}

/** From 0 on: an alert on a rise does not see the step with which a series begins. */
export const countFromZero = ({ runtime, channel }: Pick<Keeping, 'runtime' | 'channel'>): void => {
  for (const answer of ['AA', 'AE', 'AR', 'not-stored']) runtime.metrics.accepted.inc({ channel, answer }, 0);
};

/** Keeps a message that its own content names, counted and told of. @throws Problem 503: nothing of it is on disk */
export const keepMessage = async ({ runtime, receiver, channel }: Keeping, command: CommandRequest, arrival: Arrival): Promise<Receipt & { readonly inboundId: string }> => {
  const { logger, metrics, commands } = runtime;
  const began = performance.now();
  const { inboundId } = receiver.nameOf(arrival);
  const codes = 'said' in arrival.content ? [] : arrival.content.reasons.map(({ code }) => code);
  const line = (): object => ({ inboundId, correlationId: inboundId, tookMs: performance.now() - began, trigger: arrival.trigger, reasons: codes });
  try {
    const { body: receipt } = await commands.shared<Receipt>(command, { patientIds: [], subject: inboundId, correlationId: inboundId }, (share) =>
      receiver.receiveOnce(share, { ...arrival, traceparent: command.cause.traceparent }, (given) => new Answer(given)) as Promise<Answer<Receipt>>,
    );
    metrics.accepted.inc({ channel, answer: receipt.answer });
    logger.info({ ...line(), answer: receipt.answer, repeat: receipt.repeat }, 'message answered');
    return { ...receipt, inboundId };
  } catch (error) {
    if (!(error instanceof NotStored)) throw error;
    metrics.accepted.inc({ channel, answer: 'not-stored' });
    logger.error({ ...line(), err: error.cause }, 'message not stored');
    throw new Problem(503, 'not-stored', 'Not stored', 'The message could not be stored. Send the same again.', undefined, { 'retry-after': '1' });
  }
};
