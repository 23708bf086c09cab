import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, type ReactNode } from 'react';
import { get, Problem, setCsrfToken } from '../api.js';
import { SignIn } from './sign-in.js';

export interface Session {
  readonly user: { readonly sub: string; readonly name: string };
  readonly roles: readonly string[];
  readonly csrfToken: string;
}

const SessionContext = createContext<Session | null>(null);

export const useSession = (): Session => {
  const session = useContext(SessionContext);
  if (!session) throw new Error('No session: this page must be inside <Signed>');
  return session;
};

/** The team whose list a role starts with. */
export const teamOf = (roles: readonly string[]): string => (roles.includes('pharmacist') ? 'pharmacy' : roles.includes('nurse') ? 'nursing' : 'care-coordination');

// As the services' policy has it, so that nothing is offered which they refuse.
const useIsOneOf = (...roles: readonly string[]): boolean => useSession().roles.some((role) => roles.includes(role));

/** Take, give away, snooze. */
export const useMayChange = (): boolean => useIsOneOf('coordinator', 'nurse', 'admin');

/** Refer a patient. */
export const useMayRefer = useMayChange;

/** See patients, and follow what changes for them. */
export const useMayFollow = (): boolean => useIsOneOf('coordinator', 'nurse', 'pharmacist', 'admin');

/** Say of two records whether they are one person's. */
export const useMayMerge = (): boolean => useIsOneOf('coordinator', 'admin');

/** Take that back. */
export const useMayPart = (): boolean => useIsOneOf('coordinator', 'operator', 'admin');

/** Look after the system. */
export const useMayOperate = (): boolean => useIsOneOf('operator', 'admin');

export const Signed = ({ children }: { readonly children: ReactNode }) => {
  const { data, error, isPending } = useQuery({ queryKey: ['session'], queryFn: () => get<Session>('/session'), refetchInterval: 120_000 });
  if (isPending) return null;
  if (!data || (error instanceof Problem && error.status === 401)) return <SignIn unreachable={!!error && !(error instanceof Problem)} />;
  setCsrfToken(data.csrfToken);
  return <SessionContext.Provider value={data}>{children}</SessionContext.Provider>;
};
