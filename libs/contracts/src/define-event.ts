import * as z from 'zod';

export const SERVICES = ['intake', 'care-plan', 'medication-reconciliation', 'scheduling', 'notification'] as const;
export type Service = (typeof SERVICES)[number];

/** What every event's data has: the patient it is filed under (the partition key) and its subject's version. */
export const fact = { patientId: z.uuid(), version: z.int().positive() };

type Fact = { patientId: string; version: number };

export interface EventDefinition<T extends string = string, D extends z.ZodType = z.ZodType> {
  readonly type: T;
  readonly summary: string;
  readonly data: D;
  /** The id whose version counter numbers this event. */
  readonly subject: (data: z.infer<D>) => string;
}

/** Declares an event. `subjectField` names the id in the data that the event is about. */
export const defineEvent = <const T extends `care.${string}.${string}.v${number}`, D extends z.ZodType<Fact>>(
  type: T,
  subjectField: keyof z.infer<D> & string,
  data: D,
  summary: string,
): EventDefinition<T, D> => ({
  type,
  summary,
  data,
  subject: (value) => (value as Record<string, unknown>)[subjectField] as string,
});
