import type * as z from 'zod';
import type { EventDefinition, Service } from './define-event.js';
import * as carePlan from './care-plan-events.js';
import * as intake from './intake-events.js';
import * as medicationReconciliation from './medication-reconciliation-events.js';
import * as notification from './notification-events.js';
import * as scheduling from './scheduling-events.js';
import * as statement from './statement-events.js';

interface Route {
  readonly event: EventDefinition;
  readonly from: Service;
  /** Empty: for subscribers outside only. */
  readonly to: readonly Service[];
}

/** The whole data flow. A line without a handler fails the build of the service it names. */
export const flow = {
  [intake.PatientRecorded.type]: { event: intake.PatientRecorded, from: 'intake', to: ['care-plan', 'medication-reconciliation', 'scheduling', 'notification'] },
  [intake.PatientsMerged.type]: { event: intake.PatientsMerged, from: 'intake', to: ['care-plan', 'medication-reconciliation', 'scheduling', 'notification'] },
  [intake.EncounterRecorded.type]: { event: intake.EncounterRecorded, from: 'intake', to: ['care-plan'] },
  [intake.EncounterWithdrawn.type]: { event: intake.EncounterWithdrawn, from: 'intake', to: ['care-plan'] },
  [intake.DischargePlanned.type]: { event: intake.DischargePlanned, from: 'intake', to: ['care-plan'] },
  [intake.DischargeRecorded.type]: { event: intake.DischargeRecorded, from: 'intake', to: ['care-plan', 'medication-reconciliation'] },
  [intake.DischargeWithdrawn.type]: { event: intake.DischargeWithdrawn, from: 'intake', to: ['care-plan', 'medication-reconciliation'] },
  [intake.PrescriptionAdded.type]: { event: intake.PrescriptionAdded, from: 'intake', to: ['medication-reconciliation'] },
  [intake.DocumentReceived.type]: { event: intake.DocumentReceived, from: 'intake', to: ['care-plan'] },
  [statement.TestOrdered.type]: { event: statement.TestOrdered, from: 'intake', to: [] },
  [statement.TestResulted.type]: { event: statement.TestResulted, from: 'intake', to: [] },
  [statement.ConditionStated.type]: { event: statement.ConditionStated, from: 'intake', to: [] },
  [statement.AllergyStated.type]: { event: statement.AllergyStated, from: 'intake', to: [] },
  [statement.AppointmentStated.type]: { event: statement.AppointmentStated, from: 'intake', to: ['scheduling'] },
  [statement.CoverageStated.type]: { event: statement.CoverageStated, from: 'intake', to: [] },
  [statement.PatientReferred.type]: { event: statement.PatientReferred, from: 'intake', to: ['care-plan'] },
  [intake.PatientReadmitted.type]: { event: intake.PatientReadmitted, from: 'intake', to: [] },
  [intake.EmergencyVisited.type]: { event: intake.EmergencyVisited, from: 'intake', to: [] },

  [carePlan.EpisodeOpened.type]: { event: carePlan.EpisodeOpened, from: 'care-plan', to: ['scheduling'] },
  [carePlan.EpisodeChanged.type]: { event: carePlan.EpisodeChanged, from: 'care-plan', to: ['scheduling'] },
  [carePlan.EpisodeEnded.type]: { event: carePlan.EpisodeEnded, from: 'care-plan', to: ['scheduling'] },
  [carePlan.TaskOpened.type]: { event: carePlan.TaskOpened, from: 'care-plan', to: ['notification'] },
  [carePlan.TaskChanged.type]: { event: carePlan.TaskChanged, from: 'care-plan', to: ['notification'] },
  [carePlan.TaskOverdue.type]: { event: carePlan.TaskOverdue, from: 'care-plan', to: ['notification'] },
  [carePlan.TaskEscalated.type]: { event: carePlan.TaskEscalated, from: 'care-plan', to: ['notification'] },
  [carePlan.TaskCompleted.type]: { event: carePlan.TaskCompleted, from: 'care-plan', to: ['notification'] },
  [carePlan.TaskWithdrawn.type]: { event: carePlan.TaskWithdrawn, from: 'care-plan', to: ['notification'] },
  [carePlan.ContactRecorded.type]: { event: carePlan.ContactRecorded, from: 'care-plan', to: [] },

  [medicationReconciliation.ReconciliationOpened.type]: { event: medicationReconciliation.ReconciliationOpened, from: 'medication-reconciliation', to: ['care-plan'] },
  [medicationReconciliation.ReconciliationChanged.type]: { event: medicationReconciliation.ReconciliationChanged, from: 'medication-reconciliation', to: ['care-plan'] },
  [medicationReconciliation.ReconciliationCompleted.type]: { event: medicationReconciliation.ReconciliationCompleted, from: 'medication-reconciliation', to: ['care-plan'] },
  [medicationReconciliation.ReconciliationWithdrawn.type]: { event: medicationReconciliation.ReconciliationWithdrawn, from: 'medication-reconciliation', to: ['care-plan'] },

  [scheduling.FollowUpRequested.type]: { event: scheduling.FollowUpRequested, from: 'scheduling', to: ['care-plan'] },
  [scheduling.FollowUpBooked.type]: { event: scheduling.FollowUpBooked, from: 'scheduling', to: ['care-plan'] },
  [scheduling.FollowUpWithdrawn.type]: { event: scheduling.FollowUpWithdrawn, from: 'scheduling', to: ['care-plan'] },

  [notification.MessageSettled.type]: { event: notification.MessageSettled, from: 'notification', to: [] },
} as const satisfies Record<string, Route>;

type Flow = typeof flow;
export type EventType = keyof Flow;
export type DataOf<T extends EventType> = z.infer<Flow[T]['event']['data']>;

/** An event as a handler meets it: the CloudEvents attributes it may need, and its data. */
export interface EventOf<T extends EventType> {
  readonly id: string;
  readonly type: T;
  readonly subject: string;
  readonly time: string;
  readonly correlationId: string;
  readonly data: DataOf<T>;
}

export type ConsumedBy<S extends Service> = { [T in EventType]: S extends Flow[T]['to'][number] ? T : never }[EventType];
export type PublishedBy<S extends Service> = { [T in EventType]: Flow[T]['from'] extends S ? T : never }[EventType];

/** One handler for each event routed to the service: a missing or an unrouted one does not compile. */
export type Consumes<S extends Service, Tx> = { readonly [T in ConsumedBy<S>]: (event: EventOf<T>, tx: Tx) => Promise<void> };

/** What the service's outbox accepts; id, key and subject follow from the data. */
export type Publishes<S extends Service> = { [T in PublishedBy<S>]: { readonly type: T; readonly data: DataOf<T> } }[PublishedBy<S>];

const routes: readonly (readonly [string, Route])[] = Object.entries(flow);
export const routeOf = (type: string): Route | undefined => (flow as Record<string, Route>)[type];
export const consumedBy = (service: Service): readonly string[] => routes.filter(([, r]) => r.to.includes(service)).map(([type]) => type);
export const publishedBy = (service: Service): readonly string[] => routes.filter(([, r]) => r.from === service).map(([type]) => type);
/** The topics a service reads. A topic is named after the service that publishes on it. */
export const topicsReadBy = (service: Service): readonly Service[] => [...new Set(routes.filter(([, r]) => r.to.includes(service)).map(([, r]) => r.from))];
