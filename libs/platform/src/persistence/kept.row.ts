import { Column, PrimaryColumn } from 'typeorm';

/** A domain value in a row: the whole value is `body`; columns that a row adds are what is searched by. */
export abstract class KeptRow<Value> {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  /** Filed for good under the id the person was first seen with. */
  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ type: 'jsonb' })
  body!: Value;
}
