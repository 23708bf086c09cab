import { idOf } from '@throughline/kernel/ids';
import { FixedClock } from '@throughline/testing/fixed-clock';
import { eventOf } from '@throughline/testing/event-of';
import { testDatabase, type TestDatabase } from '@throughline/testing/test-database';
import type { DataSource } from 'typeorm';
import { patientEvents } from '../../src/patients/patient-events.js';
import { PatientFactRow, type KeptPatient, type PatientFact } from '../../src/patients/patient-fact.row.js';
import { keepsPatients } from '../../src/patients/patient-keeper.js';
import { keysOfPerson, labelOf, survivorOf, withPatient, type WithPatient } from '../../src/patients/patient-reads.js';
import { PatientTable1767225599000 } from '../../src/patients/patient-table.migration.js';
import { createDataSource, withConnection } from '../../src/persistence/database.js';
import { ForwardMigration } from '../../src/persistence/forward-migration.js';
import { migrate } from '../../src/persistence/migrate.js';
import { createTransactions } from '../../src/persistence/transactions.js';
import type { Unit } from '../../src/persistence/unit.js';
import { Bell } from '../../src/runner/bell.js';

class Notes1767225600000 extends ForwardMigration {
  readonly name = 'Notes1767225600000';
  readonly sql = `-- expand
    create table note (id uuid primary key, patient_id uuid not null)`;
}

const id = (name: string): string => idOf('test', 'patient', name);
const said = (name: string, more: Partial<PatientFact> = {}): PatientFact => ({
  patientId: id(name),
  version: 1,
  name: { family: 'Sample', given: name },
  birthDate: '1950-01-02',
  phone: '555-0100',
  deceased: false,
  recordNumber: { value: `R-${name}`, authority: 'SYN' },
  ...more,
});

describe('the projection of the patient', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  const query = <Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> => withConnection(dataSource, (sql) => sql.query<Row>(text, params));
  /** As a service does: its `Tx` wraps the unit, and the event goes to the handler that its `consumes` spreads. */
  const hear = (fact: PatientFact, little?: (said: PatientFact) => KeptPatient): Promise<void> => {
    const transactions = createTransactions({ service: 'scheduling', dataSource, clock: new FixedClock('2026-03-02T15:00:00Z'), bell: new Bell() });
    const tx = (unit: Pick<Unit, 'rows' | 'nameAs' | 'person'>) => keepsPatients(unit, little);
    const event = eventOf('care.patient.recorded.v1', fact);
    return transactions.inPatients([fact.patientId], { correlationId: event.correlationId, causationId: event.id, actor: 'service:scheduling' }, (unit) => patientEvents[event.type](event, tx(unit)));
  };
  const labels = async (): Promise<ReturnType<typeof labelOf>[]> => {
    const { columns, joins } = withPatient('note');
    return (await query<WithPatient>(`select ${columns} from note ${joins} order by note.id`)).map(labelOf);
  };

  beforeAll(async () => {
    database = await testDatabase();
    await migrate({ url: database.url, service: 'scheduling', migrations: [Notes1767225600000, PatientTable1767225599000] });
    dataSource = await createDataSource({ url: database.url, service: 'scheduling', entities: [PatientFactRow] }).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    await query('truncate patient, patient_alias, note');
  });

  it('keeps the last fact as a whole, or as little of it as a service wants', async () => {
    await hear(said('ada'));
    await hear(said('ada', { version: 2, name: { family: 'Married', given: 'ada' } }));
    await hear(said('bob'), ({ patientId, deceased }) => ({ patientId, deceased }));
    const rows = await query<{ id: string; body: unknown }>('select id, body from patient');
    expect(new Map(rows.map((row) => [row.id, row.body]))).toEqual(
      new Map<string, unknown>([
        [id('ada'), said('ada', { version: 2, name: { family: 'Married', given: 'ada' } })],
        [id('bob'), { patientId: id('bob'), deceased: false }],
      ]),
    );
  });

  it('labels a row with its patient, with the survivor where ids were merged, and with the id alone before intake was heard', async () => {
    const note = (n: number, name: string): Promise<unknown> => query('insert into note (id, patient_id) values ($1, $2)', [`00000000-0000-4000-8000-00000000000${n}`, id(name)]);
    await note(1, 'ada');
    await note(2, 'retired');
    await note(3, 'unheard');
    await note(4, 'retired-too');
    await hear(said('ada'));
    await hear(said('retired'));
    await query('insert into patient_alias (patient_id, survivor_id) values ($1, $2), ($3, $4)', [id('retired'), id('ada'), id('retired-too'), id('unheard')]);
    const ada = { id: id('ada'), name: 'ada Sample', birthDate: '1950-01-02', recordNumber: 'R-ada' };
    const nobody = { id: id('unheard'), name: null, birthDate: null, recordNumber: null };
    expect(await labels()).toEqual([ada, ada, nobody, nobody]);
  });

  it('finds all keys of a person by any of them, and nobody else', async () => {
    await query('insert into patient_alias (patient_id, survivor_id) values ($1, $3), ($2, $3), ($4, $5)', [id('one'), id('two'), id('survivor'), id('other'), id('other-survivor')]);
    const keys = async (name: string): Promise<unknown> => new Set((await query<{ key: string }>(`select * from ${keysOfPerson(1)} as person (key)`, [id(name)])).map(({ key }) => key));
    const person = new Set([id('one'), id('two'), id('survivor')]);
    for (const name of ['one', 'two', 'survivor']) {
      expect(await keys(name)).toEqual(person);
      expect(await query(`select ${survivorOf(1)} as survivor`, [id(name)])).toEqual([{ survivor: id('survivor') }]);
    }
    expect(await keys('alone')).toEqual(new Set([id('alone')]));
  });
});
