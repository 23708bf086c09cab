/** What the token's `roles` claim may hold. `sender` is a system that posts discharges; `subscriber` a tool that reads the task stream. */
export const ROLES = ['coordinator', 'nurse', 'pharmacist', 'operator', 'admin', 'subscriber', 'sender'] as const;
export type Role = (typeof ROLES)[number];

interface Rule {
  readonly roles: readonly Role[];
  /** Touches a patient's data: a route with it has to declare how it is audited, or the service does not start. */
  readonly clinical: boolean;
}

const clinical = (...roles: Role[]): Rule => ({ roles, clinical: true });
const operational = (...roles: Role[]): Rule => ({ roles, clinical: false });

/** The one place that says who may do what. Nothing is allowed that is not in it. */
export const POLICY = {
  'discharge:send': clinical('sender', 'coordinator', 'nurse', 'admin'),
  'referral:send': clinical('sender', 'coordinator', 'nurse', 'admin'),
  'prescription:send': clinical('sender', 'coordinator', 'nurse', 'admin'),
  'fhir:send': clinical('sender', 'coordinator', 'nurse', 'admin'),

  // Takes a wrong merge back: whoever keeps the records right, and whoever knows the patient.
  'patient:part': clinical('coordinator', 'operator', 'admin'),
  // Shows two records side by side, and says whether they are one person's.
  'patient:merge': clinical('coordinator', 'admin'),
  'patient:read': clinical('coordinator', 'nurse', 'pharmacist', 'admin'),
  'task:read': clinical('coordinator', 'nurse', 'pharmacist', 'admin'),
  'episode:read': clinical('coordinator', 'nurse', 'pharmacist', 'admin'),
  'reconciliation:read': clinical('coordinator', 'nurse', 'pharmacist', 'admin'),
  'follow-up:read': clinical('coordinator', 'nurse', 'pharmacist', 'admin'),
  'notice:read': clinical('coordinator', 'nurse', 'pharmacist', 'admin'),
  'message:read': clinical('coordinator', 'nurse', 'pharmacist', 'admin'),
  'stream:read': clinical('coordinator', 'nurse', 'pharmacist', 'admin', 'subscriber'),

  'task:change': clinical('coordinator', 'nurse', 'admin'),
  // Names of staff: no patient's data.
  'colleague:read': operational('coordinator', 'nurse', 'pharmacist', 'admin'),
  'task:complete': clinical('coordinator', 'nurse', 'pharmacist', 'admin'),
  'contact:record': clinical('coordinator', 'nurse', 'admin'),
  'follow-up:book': clinical('coordinator', 'nurse', 'admin'),
  // Post-discharge reconciliation counts when a prescriber, clinical pharmacist or registered nurse did it (HEDIS MRP).
  'reconciliation:complete': clinical('pharmacist', 'nurse', 'admin'),

  // The inbound list is ids, times and outcomes; one inbound message is the message itself.
  'inbound:list': operational('operator', 'admin'),
  'inbound:show': clinical('operator', 'admin'),
  'inbound:replay': clinical('operator', 'admin'),
  'ledger:read': operational('operator', 'admin'),
  'position:read': operational('operator', 'admin'),
  'fact:republish': operational('operator', 'admin'),
  'position:change': operational('operator', 'admin'),
  'recovery:read': operational('operator', 'admin'),
  'recovery:begin': operational('operator', 'admin'),
  'parked:list': operational('operator', 'admin'),
  'parked:show': clinical('operator', 'admin'),
  'parked:change': clinical('operator', 'admin'),
  'audit:read': operational('admin'),
} as const satisfies Record<string, Rule>;

export type Permission = keyof typeof POLICY;
export const PERMISSIONS = Object.keys(POLICY) as readonly Permission[];

export const allows = (permission: Permission, roles: readonly string[]): boolean =>
  (POLICY[permission].roles as readonly string[]).some((role) => roles.includes(role));

export const isClinical = (permission: Permission): boolean => POLICY[permission].clinical;
