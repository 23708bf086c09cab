import { useQuery } from '@tanstack/react-query';
import { get, type Page } from '../api.js';
import { useSession } from '../session/session.js';
import type { Colleague } from '../shapes.js';

const NOBODY: readonly Colleague[] = [];

/** Who works here, and what to call them. */
export const useColleagues = (): { readonly colleagues: readonly Colleague[]; readonly nameOfPerson: (sub: string) => string; readonly readAgain: () => void } => {
  const { user } = useSession();
  const { data, refetch } = useQuery({ queryKey: ['colleagues'], queryFn: () => get<Page<Colleague>>('/api/care-plan/colleagues', { limit: '200' }) });
  const colleagues = data?.items ?? NOBODY;
  return {
    colleagues,
    nameOfPerson: (sub) => (sub === user.sub ? 'Me' : (colleagues.find((one) => one.sub === sub)?.name ?? sub)),
    readAgain: () => void refetch(),
  };
};
