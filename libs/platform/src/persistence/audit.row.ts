import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One read or write of patient data: who, as what, did what to whom, and whether it was allowed. */
@Entity({ name: 'audit' })
export class AuditRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  /** `sub` of the token, or `service:<name>`. */
  @Column({ type: 'text' })
  actor!: string;

  @Column({ type: 'jsonb' })
  roles!: readonly string[];

  @Column({ type: 'text' })
  action!: string;

  /** Kind of thing: `task`, `patient`, `parked`, ... */
  @Column({ type: 'text' })
  resource!: string;

  @Column({ name: 'patient_id', type: 'uuid', nullable: true })
  patientId!: string | null;

  /** Id of the thing, where there is one. */
  @Column({ type: 'text', nullable: true })
  subject!: string | null;

  /** `allowed`, `denied`, `refused`, ... */
  @Column({ type: 'text' })
  outcome!: string;

  @Column({ name: 'correlation_id', type: 'text', nullable: true })
  correlationId!: string | null;
}
