import type { Bundle, Outcome, SaidOnce } from '../domain/said.js';
import type { Became, Resolved } from './ports.js';

/** Of several facts in one message the one that its outcome names, weightiest first. */
const WEIGHT: readonly Outcome[] = [
  'discharge', 'withdrawn', 'merged', 'planned', 'admission', 'correction', 'prescription', 'document', 'noted', 'update', 'not-followed-up', 'repeat', 'refused',
];

const weightiest = (parts: readonly Became[]): Became | undefined => WEIGHT.map((outcome) => parts.find((part) => part.outcome === outcome)).find((part) => part !== undefined);

/** How the facts of a part are named: by the message, and by which part of it. */
const nameOfPart = (inboundId: string, n: number): string => (n === 0 ? inboundId : `${inboundId}.${n}`);

/** Takes the parts one after the other, as if each had come alone: all of them, or none. */
export const receiveBundle = async (
  bundle: Bundle,
  inboundId: string,
  who: Resolved,
  receive: (said: SaidOnce, by: string, who: Resolved) => Promise<Became>,
): Promise<Became> => {
  const became: Became[] = [];
  for (const [n, part] of bundle.parts.entries()) became.push(await receive(part, nameOfPart(inboundId, n), who.parts![n]!));
  const most = weightiest(became);
  const flags = [...new Set([...bundle.flags, ...became.flatMap((one) => one.flags), ...who.parts!.flatMap((one) => one.flags)])];
  return most ? { ...most, flags } : { outcome: 'noted', reason: 'nothing-taken', flags };
};
