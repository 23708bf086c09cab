import type { Sql } from '@throughline/platform/persistence/sql';
import type { After, InboundSeen, PatientSeen, PersonSeen, Reads } from '../../application/reads.js';
import type { PatientState } from '../../domain/patient.js';
import type { PrescriptionState } from '../../domain/prescription.js';
import type { DischargeState, EncounterState } from '../../domain/stay.js';
import { OUTCOME_OF, TRIGGER_OF } from './inbound-ledger.js';

/** Every key of the person that parameter 1 names, under today's aliases. */
const PERSON = `(
  select $1::uuid
  union select survivor_id from patient_alias where patient_id = $1
  union select other.patient_id from patient_alias other
         where other.survivor_id = coalesce((select survivor_id from patient_alias where patient_id = $1), $1::uuid))`;

const INBOUND = `
  select i.id, i.received_at as "receivedAt", i.protocol, i.sender, i.control_id as "controlId", ${TRIGGER_OF} as trigger, i.answer, i.arrivals,
         i.control_id_reused as "controlIdReused", ${OUTCOME_OF} as outcome, o.reason, i.reasons, o.patient_id as "patientId", o.encounter_id as "encounterId",
         o.discharge_id as "dischargeId", o.discharged_at as "dischargedAt", o.time_source as "timeSource", o.flags, o.at as "decidedAt"`;
const FROM = `from inbound i left join inbound_outcome o on o.id = i.id`;
const NEWEST_AFTER = `($2::timestamptz is null or (i.received_at, i.id) < ($2::timestamptz, $3::uuid)) order by i.received_at desc, i.id desc limit $4`;

/** `%` and `_` are letters here. */
const prefix = (text: string): string => `${text.replace(/[\\%_]/g, '\\$&')}%`;

export class PostgresReads implements Reads {
  constructor(private readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>) {}

  patients(query: string, after: After, limit: number): Promise<readonly PatientSeen[]> {
    const [name, id] = after ?? [];
    return this.read((sql) =>
      sql.query<PatientSeen>(
        `select body as patient, search_name as "searchName" from patient
         where (search_name like $1 or id in (select coalesce(a.survivor_id, i.patient_id) from identifier i left join patient_alias a using (patient_id) where i.value = $2))
           and not exists (select 1 from patient_alias a where a.patient_id = patient.id)
           and ($3::text is null or (search_name, id) > ($3::text, $4::uuid))
         order by search_name, id limit $5`,
        [prefix(query.trim().toLowerCase()), query.trim(), name ?? null, id ?? null, limit],
      ),
    );
  }

  person(patientId: string): Promise<PersonSeen | undefined> {
    return this.read(async (sql) => {
      const [found] = await sql.query<{ body: PatientState }>(
        `select body from patient where id = coalesce((select survivor_id from patient_alias where patient_id = $1), $1::uuid)`,
        [patientId],
      );
      if (!found) return undefined;
      const records = await sql.query<{ body: PatientState }>(`select body from patient where id in ${PERSON} order by id`, [patientId]);
      const encounters = await sql.query<{ body: EncounterState }>(`select body from encounter where patient_id in ${PERSON} order by id`, [patientId]);
      const discharges = await sql.query<{ body: DischargeState }>(`select body from discharge where patient_id in ${PERSON} order by id`, [patientId]);
      return { patient: found.body, records: records.map((row) => row.body), encounters: encounters.map((row) => row.body), discharges: discharges.map((row) => row.body) };
    });
  }

  lines(patientId: string, after: After, limit: number): Promise<readonly PrescriptionState[]> {
    return this.read(async (sql) => {
      const rows = await sql.query<{ body: PrescriptionState }>(
        `select body from prescription where patient_id in ${PERSON} and ($2::uuid is null or id > $2::uuid) order by id limit $3`,
        [patientId, after?.[0] ?? null, limit],
      );
      return rows.map((row) => row.body);
    });
  }

  timeline(patientId: string, after: After, limit: number): Promise<readonly InboundSeen[]> {
    return this.read((sql) =>
      sql.query<InboundSeen>(`${INBOUND} ${FROM} where o.patient_id in ${PERSON} and ${NEWEST_AFTER}`, [patientId, after?.[0] ?? null, after?.[1] ?? null, limit]),
    );
  }

  inbound(outcome: string | undefined, after: After, limit: number): Promise<readonly InboundSeen[]> {
    return this.read((sql) =>
      sql.query<InboundSeen>(
        `${INBOUND} ${FROM} where ($1::text is null or ($1 = 'quarantined' and i.answer <> 'AA' and i.replayed_as is null) or ($1 <> 'quarantined' and i.answer = 'AA' and ${OUTCOME_OF} = $1)) and ${NEWEST_AFTER}`,
        [outcome ?? null, after?.[0] ?? null, after?.[1] ?? null, limit],
      ),
    );
  }

  message(id: string): Promise<(InboundSeen & { readonly raw: Buffer }) | undefined> {
    return this.read(async (sql) => {
      const [row] = await sql.query<InboundSeen & { raw: Buffer }>(`${INBOUND}, i.raw ${FROM} where i.id = $1`, [id]);
      return row;
    });
  }
}
