/** The roles that a token can carry. */
export const ROLES = ['coordinator', 'nurse', 'pharmacist', 'operator', 'admin', 'subscriber', 'sender'] as const;
export type Role = (typeof ROLES)[number];

export interface DemoUser {
  /** Name to sign in with, and the token's `sub`. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** What this person can do, in a few words for the sign-in page. */
  readonly about: string;
}

/** Demonstration only: known to everybody who reads this, on loopback only. */
export const DEMO_PASSWORD = 'throughline-demo';

export const DEMO_USERS: readonly DemoUser[] = [
  { id: 'casey.coordinator', name: 'Casey Coordinator', roles: ['coordinator'], about: 'follows discharges and completes tasks' },
  { id: 'corey.coordinator', name: 'Corey Coordinator', roles: ['coordinator'], about: "a second coordinator, to see each other's work" },
  { id: 'nina.nurse', name: 'Nina Nurse', roles: ['nurse'], about: 'calls patients and completes tasks' },
  { id: 'paul.pharmacist', name: 'Paul Pharmacist', roles: ['pharmacist'], about: 'reconciles medicines' },
  { id: 'olga.operator', name: 'Olga Operator', roles: ['operator'], about: 'looks after the system, sees no patient' },
  { id: 'ada.admin', name: 'Ada Admin', roles: ['admin'], about: 'may do everything' },
];

/** Tools and systems: no password, no sign-in page; client credentials, or `throughline token --as`. */
export const DEMO_MACHINES: readonly DemoUser[] = [
  { id: 'demo-subscriber', name: 'Demo subscriber', roles: ['subscriber'], about: 'reads the task stream' },
  { id: 'demo-sender', name: 'Demo sender', roles: ['sender'], about: 'sends discharges and prescriptions' },
  { id: 'demo-operator', name: 'Demo operator', roles: ['operator'], about: 'reads ledgers and parked messages' },
];

/** Whom `throughline token --as ROLE` speaks for. */
export const demoSubject = (role: Role): DemoUser => {
  const found = [...DEMO_USERS, ...DEMO_MACHINES].find((user) => user.roles.includes(role));
  if (!found) throw new Error(`no demo user has the role ${role}`);
  return found;
};
