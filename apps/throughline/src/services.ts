import { SERVICES, type Service } from '@throughline/contracts/define-event';

/** Loaded when wanted: a verb like `send` needs none of them, and a process that serves one needs only that one. */
export const definitionOf = {
  intake: async () => (await import('@throughline/intake/intake.module')).intake,
  'care-plan': async () => (await import('@throughline/care-plan/care-plan.module')).carePlan,
  'medication-reconciliation': async () => (await import('@throughline/medication-reconciliation/medication-reconciliation.module')).medicationReconciliation,
  scheduling: async () => (await import('@throughline/scheduling/scheduling.module')).scheduling,
  notification: async () => (await import('@throughline/notification/notification.module')).notification,
} as const;

export const isService = (name: string): name is Service => (SERVICES as readonly string[]).includes(name);
