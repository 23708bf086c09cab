import type { Sql } from '@throughline/platform/persistence/sql';
import type { Duplicates, Pair } from '../../application/duplicates.js';
import type { After } from '../../application/reads.js';
import type { PatientState } from '../../domain/patient.js';

/**
 * Two records that stand, of the same name and birth date, and whose sexes do not contradict each other. Nobody looks at each new
 * patient for this: it would cost every message a statement. It is asked for, over all of them.
 */
const PAIRS = `
  with standing as (
    select id, search_name, body->'birthDate'->>'value' as birth_date, body->'sex'->>'value' as sex, body->'phone'->>'value' as phone
    from patient p
    where search_name like '_% _%' and body->'birthDate'->>'value' is not null
      and not exists (select 1 from patient_alias a where a.patient_id = p.id)
  )
  select a.id as "firstId", b.id as "secondId", a.search_name as "searchName", (a.sex = b.sex) is true as "sameSex", (a.phone = b.phone) is true as "samePhone"
  from standing a join standing b on b.search_name = a.search_name and b.birth_date = a.birth_date and b.id > a.id
  where (a.sex = b.sex or a.sex is null or b.sex is null or a.sex not in ('F', 'M') or b.sex not in ('F', 'M'))
    and not exists (select 1 from two_persons t where t.first_id = a.id and t.second_id = b.id)
    and ($1::text is null or (a.search_name, a.id, b.id) > ($1::text, $2::uuid, $3::uuid))
  order by a.search_name, a.id, b.id limit $4`;

interface PairRow {
  readonly firstId: string;
  readonly secondId: string;
  readonly searchName: string;
  readonly sameSex: boolean;
  readonly samePhone: boolean;
}

export class PostgresDuplicates implements Duplicates {
  constructor(private readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>) {}

  pairs(after: After, limit: number): Promise<readonly Pair[]> {
    return this.read(async (sql) => {
      const rows = await sql.query<PairRow>(PAIRS, [after?.[0] ?? null, after?.[1] ?? null, after?.[2] ?? null, limit]);
      const ids = [...new Set(rows.flatMap((row) => [row.firstId, row.secondId]))];
      const patients = new Map((await sql.query<{ id: string; body: PatientState }>('select id, body from patient where id = any($1::uuid[])', [ids])).map((row) => [row.id, row.body]));
      return rows.map(({ firstId, secondId, searchName, sameSex, samePhone }) => ({
        records: [patients.get(firstId)!, patients.get(secondId)!] as const,
        searchName,
        because: ['name', 'birth-date', ...(sameSex ? (['sex'] as const) : []), ...(samePhone ? (['phone'] as const) : [])] as const,
      }));
    });
  }
}
