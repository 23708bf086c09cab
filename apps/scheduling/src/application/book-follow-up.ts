import { Refused } from '@throughline/kernel/refused';
import { book, type Booking, type FollowUp } from '../domain/follow-up.js';
import { announce } from './announce.js';
import type { Tx } from './ports.js';

export interface BookFollowUp extends Booking {
  readonly followUpId: string;
  readonly patientId: string;
}

/** A person found a date for the visit. */
export const bookFollowUp = async ({ followUpId, patientId, ...booking }: BookFollowUp, tx: Tx): Promise<FollowUp> => {
  const current = await tx.followUps.get(patientId, followUpId);
  if (!current) throw new Refused('not-found', 'There is no such follow-up. Read the list again.');
  const booked = book(current, booking, tx.now);
  announce(booked, tx);
  return booked ?? current;
};
