import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Column } from 'typeorm';

/** A state that is published: the version of its last fact stands beside it. */
export abstract class VersionedRow<State> extends KeptRow<State> {
  @Column({ type: 'bigint' })
  version!: number;
}
