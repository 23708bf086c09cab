import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post } from '../api.js';
import { changes } from '../live/what-changes.js';
import { bodyOf, type ReferralDraft } from './referral-draft.js';

interface Received {
  readonly inboundId: string;
  /** The same came before, and nothing new was made of it. */
  readonly repeat: boolean;
}

/** Intake keeps it and answers; what becomes of it is on the worklist a moment later. */
export const useRefer = () => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ draft, key }: { draft: ReferralDraft; key: string }) => post<Received>('/api/intake/referrals', bodyOf(draft), { key }),
    onSettled: () => queries.invalidateQueries(changes),
  });
};
