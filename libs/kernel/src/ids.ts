import { hash } from 'node:crypto';

/** The two bits above are 10, the two below are the hash's. */
const VARIANTS = '89ab';

const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/**
 * UUIDv5 (RFC 9562, 5.5): the same namespace and name give the same id on every machine, for ever.
 * Everything a message can cause is named this way, so a replay at any layer lands on the same row.
 */
export const uuid5 = (namespace: string, name: string): string => {
  const hex = hash('sha1', Buffer.concat([bytesOf(namespace), Buffer.from(name, 'utf8')]));
  const variant = VARIANTS[Number.parseInt(hex[16]!, 16) & 0x3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Namespace of every id that is made from other ids: discharges, episodes, tasks, events. */
export const THROUGHLINE = 'b0f6a3e4-7c58-5d1e-9a35-2f4d6c1b8e07';

/** An id made from its parts. `\u001f` cannot occur in a code or an id, so parts cannot run together. */
export const idOf = (kind: string, ...parts: readonly (string | number)[]): string =>
  uuid5(THROUGHLINE, [kind, ...parts].join('\u001f'));

/** Event id = UUIDv5 of (type, subject, version), never of the cause: two facts never share one, one fact never has two. */
export const eventId = (type: string, subject: string, version: number): string => idOf('event', type, subject, version);
export const dischargeId = (encounterId: string, n: number): string => idOf('discharge', encounterId, n);
export const transitionEpisodeId = (discharge: string): string => idOf('episode', 'transition', discharge);
export const programmeEpisodeId = (referral: string): string => idOf('episode', 'programme', referral);
export const taskId = (episode: string, protocol: string, step: string, occurrence: number): string =>
  idOf('task', episode, protocol, step, occurrence);
export const reconciliationId = (discharge: string): string => idOf('reconciliation', discharge);
export const followUpId = (discharge: string): string => idOf('follow-up', discharge);
