import { useInfiniteQuery } from '@tanstack/react-query';
import { get, type Page } from '../api.js';
import { teamOf, useSession } from '../session/session.js';
import type { Task } from '../shapes.js';

export type Scope = 'mine' | 'team' | 'all';

/** Open tasks, the most urgent first: those to do now, or those that are snoozed. */
export const useTasks = (scope: Scope, snoozed: boolean) => {
  const { user, roles } = useSession();
  return useInfiniteQuery({
    queryKey: ['tasks', scope, snoozed],
    queryFn: ({ pageParam }) =>
      get<Page<Task>>('/api/care-plan/tasks', {
        status: 'open',
        snoozed: snoozed ? 'yes' : 'no',
        limit: '100',
        cursor: pageParam,
        assignee: scope === 'mine' ? user.sub : undefined,
        team: scope === 'team' ? teamOf(roles) : undefined,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
};
