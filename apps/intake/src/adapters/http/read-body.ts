import { Problem, type FieldError } from '@throughline/platform/http/problem';
import { validationPipe } from '@throughline/platform/http/validation';
import type { Said } from '../../domain/said.js';
import { DischargeBody } from './discharge-body.js';
import type { MessageBody } from './message-body.js';
import { PrescriptionBody } from './prescription-body.js';
import { ReferralBody } from './referral-body.js';
import { dischargeSaid, NoIdentifier, prescriptionSaid, referralSaid, type BodyContext } from './translate-body.js';

interface Body<B extends MessageBody> {
  readonly shape: new () => B;
  readonly said: (body: B, context: BodyContext) => Said;
}

const body = <B extends MessageBody>(shape: new () => B, said: Body<B>['said']): Body<MessageBody> => ({ shape, said: said as Body<MessageBody>['said'] });

const BODIES = {
  discharge: body(DischargeBody, dischargeSaid),
  prescription: body(PrescriptionBody, prescriptionSaid),
  referral: body(ReferralBody, referralSaid),
};
export type BodyKind = keyof typeof BODIES;

interface BodyReason {
  readonly code: number;
  readonly where: string;
  readonly text: string;
}

export interface BodySender extends Pick<BodyContext, 'controlId' | 'receivedAt'> {
  readonly sender: string;
}

/** A field that is not ours has a name that could be anything, a person's among them: what is said of it names the object it stands in. */
const NOT_OURS = 'is not a field of this request';
const holderOf = (field: string): string => field.split('.').slice(0, -1).join('.') || 'data';

const reasonOf = ({ field, detail }: FieldError): BodyReason =>
  detail.startsWith(NOT_OURS) ? { code: 102, where: holderOf(field), text: 'has a field that is not one of this request: remove it' } : { code: 102, where: field, text: detail };

const reasonsOf = ({ errors, detail }: Problem): readonly BodyReason[] => errors?.map(reasonOf) ?? [{ code: 102, where: 'data', text: detail }];

const notTheirs = (body: MessageBody, from: BodySender): readonly BodyReason[] => [
  ...(body.sender === from.sender ? [] : [{ code: 204, where: 'sender', text: 'is not the source of the event' }]),
  ...(body.messageId === undefined || body.messageId === from.controlId ? [] : [{ code: 102, where: 'messageId', text: 'is not the id of the event: leave it out' }]),
];

/** The body of a call, come another way: the same fields, the same words, and every reason where it cannot be read. */
export const readBody = (settings: Pick<BodyContext, 'defaultZone' | 'senders'>) => {
  const pipe = validationPipe();
  return async (kind: BodyKind, value: unknown, from: BodySender): Promise<{ readonly said: Said } | { readonly reasons: readonly BodyReason[] }> => {
    const { shape, said } = BODIES[kind];
    try {
      const read = (await pipe.transform(value, { type: 'body', metatype: shape })) as MessageBody;
      const reasons = notTheirs(read, from);
      return reasons.length > 0 ? { reasons } : { said: said(read, { ...settings, controlId: from.controlId, receivedAt: from.receivedAt }) };
    } catch (error) {
      if (error instanceof Problem) return { reasons: reasonsOf(error) };
      if (error instanceof NoIdentifier) return { reasons: [{ code: 101, where: 'patient.identifiers', text: 'none of them says who the patient is; send a medical record number (type MR)' }] };
      throw error;
    }
  };
};
