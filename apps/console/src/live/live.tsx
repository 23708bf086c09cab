import { useQueryClient } from '@tanstack/react-query';
import { changes } from './what-changes.js';
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { useMayFollow } from '../session/session.js';

type LiveState = 'connecting' | 'live' | 'lost';
const LiveContext = createContext<LiveState>('connecting');
export const useLive = (): LiveState => useContext(LiveContext);

/**
 * Listens to the numbered stream of notices; the browser resumes it by Last-Event-ID. A notice carries no data that is shown:
 * it says what to read again, so every screen shows what the services hold.
 */
export const Live = ({ children }: { readonly children: ReactNode }) => {
  const queries = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  const mayFollow = useMayFollow();
  useEffect(() => {
    if (!mayFollow) return;
    const source = new EventSource('/api/notification/stream');
    let pending: ReturnType<typeof setTimeout> | undefined;
    // A burst of notices is one re-read.
    const refresh = (): void => {
      pending ??= setTimeout(() => {
        pending = undefined;
        void queries.invalidateQueries(changes);
      }, 150);
    };
    source.onopen = () => {
      setState('live');
      refresh();
    };
    source.onerror = () => setState('lost');
    source.onmessage = refresh;
    // The server lost track of where this browser was: everything is read again.
    source.addEventListener('reset', refresh);
    return () => {
      clearTimeout(pending);
      source.close();
    };
  }, [queries, mayFollow]);
  return <LiveContext.Provider value={state}>{children}</LiveContext.Provider>;
};
