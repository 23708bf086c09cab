import { randomUUID } from 'node:crypto';
import { eventId, idOf } from '@throughline/kernel/ids';
import { testDatabase } from '@throughline/testing/test-database';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DataSource } from 'typeorm';
import type { BusRecord } from '../../src/bus/bus.js';
import { createDataSource, withConnection } from '../../src/persistence/database.js';
import { ForwardMigration } from '../../src/persistence/forward-migration.js';
import { migrate } from '../../src/persistence/migrate.js';
import type { Cause } from '../../src/persistence/unit.js';

/** A tiny service for the platform's own tests: it plays `scheduling`, whose events are the simplest. */
@Entity({ name: 'note' })
export class NoteRow {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ name: 'patient_id', type: 'uuid' }) patientId!: string;
  @Column({ type: 'integer' }) version!: number;
  @Column({ type: 'timestamptz', nullable: true }) at!: Date | null;
  @Column({ type: 'jsonb' }) body!: { readonly heard: readonly string[] };
}

@Entity({ name: 'trace' })
export class TraceRow {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'text' }) text!: string;
}

export class ToyTables1700000000001 extends ForwardMigration {
  readonly name = 'ToyTables1700000000001';
  readonly sql = `-- expand
      create table note (id uuid primary key, patient_id uuid not null, version integer not null check (version < 1000000), at timestamptz, body jsonb not null);
      create index note_patient on note (patient_id);
      create table trace (id uuid primary key, text text not null);
      create table inbound (id uuid primary key, log_offset bigint unique, patient text, body text not null)`;
}

export interface ToyDatabase {
  readonly url: string;
  readonly dataSource: DataSource;
  rows<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Row[]>;
  /** Another copy of the service; one that is going to be `killed` never gives its connections back. */
  copy(killed?: 'killed'): Promise<DataSource>;
  drop(): Promise<void>;
}

export const toyDatabase = async (poolSize = 4): Promise<ToyDatabase> => {
  const database = await testDatabase();
  await migrate({ url: database.url, service: 'scheduling', migrations: [ToyTables1700000000001] });
  const opened: DataSource[] = [];
  const dead: DataSource[] = [];
  const copy = async (killed?: 'killed'): Promise<DataSource> => {
    const dataSource = createDataSource({ url: database.url, service: 'scheduling', entities: [NoteRow, TraceRow], poolSize });
    (killed ? dead : opened).push(dataSource);
    return dataSource.initialize();
  };
  const dataSource = await copy();
  return {
    url: database.url,
    dataSource,
    rows: (text, params) => withConnection(dataSource, (sql) => sql.query(text, params)),
    copy,
    drop: async () => {
      for (const one of dead) void one.destroy();
      await Promise.all(opened.filter((one) => one.isInitialized).map((one) => one.destroy()));
      await database.drop();
    },
  };
};

export const patient = (n: number): string => idOf('test-patient', n);
export const cause = (): Cause => ({ correlationId: randomUUID(), causationId: randomUUID(), actor: 'service:scheduling' });

/** A valid `care.follow-up.requested.v1`. */
export const followUp = (patientId: string, followUpId: string, version: number) => ({
  type: 'care.follow-up.requested.v1' as const,
  data: {
    patientId,
    followUpId,
    version,
    dischargeId: idOf('test-discharge', patientId),
    episodeId: idOf('test-episode', patientId),
    status: 'requested' as const,
    window: { from: '2026-03-01', to: '2026-03-08', dueAt: '2026-03-08T23:59:59Z' },
  },
});

export interface HandMade {
  readonly topic?: string;
  readonly partition?: number;
  readonly key?: string | null;
  readonly subject?: string;
  readonly version?: number;
  readonly headers?: Record<string, string>;
  readonly value?: string | null;
}

/** A record of topic `intake` as its relay would have sent it: `care.patient.recorded.v1` about `key`. */
export const record = (offset: number, made: HandMade = {}): BusRecord => {
  const { topic = 'intake', partition = 0, key = patient(1), version = offset + 1 } = made;
  const subject = made.subject ?? key ?? 'none';
  const type = 'care.patient.recorded.v1';
  const id = eventId(type, subject, version);
  const data = { patientId: subject, version, name: { family: 'Test', given: `v${version}` }, deceased: false };
  return {
    topic,
    partition,
    offset,
    key,
    at: new Date('2026-03-01T00:00:00Z'),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: '/throughline/intake',
      ce_type: type,
      ce_subject: subject,
      ce_time: '2026-03-01T00:00:00.000Z',
      ce_correlationid: idOf('correlation', id),
      'content-type': 'application/json',
      ...made.headers,
    },
    value: made.value === undefined ? JSON.stringify(data) : made.value,
  };
};
