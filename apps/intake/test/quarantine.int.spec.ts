import { randomUUID } from 'node:crypto';
import { adt, numbered } from '@throughline/testing/hl7-builder';
import { RunningIntake } from './running-intake.js';

interface Replayed {
  readonly inboundId: string;
  readonly answer: string;
  readonly reasons: readonly { code: number; where?: string }[];
}

/** A message that an older version could not read, and this one can. */
describe('a message in quarantine', () => {
  let intake: RunningIntake;
  beforeAll(async () => {
    intake = await RunningIntake.start();
  });
  afterAll(async () => intake?.stop());

  /** As it came, filed as an older reading would have filed it. */
  const kept = async (message: string, header: { sender: string; controlId: string; trigger: string }): Promise<string> => {
    const id = randomUUID();
    await intake.sql.query(
      `insert into inbound (id, received_at, protocol, sender, control_id, trigger, hash, raw, answer, said, reasons, arrivals, control_id_reused)
       values ($1, '2026-03-05T17:00:00Z', 'hl7v2', $2, $3, $4, sha256($5), $5, 'AR', null, '[{"code":201,"text":"an older reading"}]', 1, false)`,
      [id, header.sender, header.controlId, header.trigger, Buffer.from(message)],
    );
    return id;
  };
  const replay = (id: string, roles: readonly string[] = ['operator']) => intake.call<Replayed & { type?: string }>('POST', `/api/intake/inbound/${id}/replay`, { roles, key: randomUUID(), body: {} });
  const quarantined = async (): Promise<readonly string[]> => (await intake.call<{ items: { id: string }[] }>('GET', '/api/intake/inbound?outcome=quarantined', { roles: ['operator'] })).body.items.map(({ id }) => id);

  it('is read by today’s version on its own row, and decided', async () => {
    const client = await intake.client();
    const message = adt('A03', { ...numbered(1), mrn: '', controlId: 'q-1' });
    expect((await client.send(message)).code).toBe('AE');
    const { id } = await intake.outcomeOf('q-1');
    expect(await replay(id)).toMatchObject({ status: 200, body: { inboundId: id, answer: 'AE', reasons: [{ code: 101, where: 'PID-3' }] } });
    expect(await quarantined()).toEqual([id]);

    const readable = Buffer.from(adt('A03', numbered(1, { controlId: 'q-1' })));
    await intake.sql.query('update inbound set raw = $2, hash = sha256($2) where id = $1', [id, readable]);
    // The row's name is of what it said, so this one is another message's by now: as where a header can be read only today.
    const { body } = await replay(id);
    expect(body).toMatchObject({ answer: 'AA', reasons: [] });
    expect(await quarantined()).toEqual([]);
    await intake.quiet();
    expect((await intake.ledger()).filter(({ controlId }) => controlId === 'q-1').map(({ outcome }) => outcome).sort()).toEqual(['discharge', 'repeat']);
    expect((await replay(id)).body.type).toBe('urn:throughline:problem:not-quarantined');
    expect((await intake.sql.query<{ arrivals: number }>('select arrivals from inbound where id = $1', [body.inboundId])).rows).toEqual([{ arrivals: 1 }]);
  });

  it('of which nobody knew the sender is filed under the right name, and the sender’s repeat finds it there', async () => {
    const message = adt('A03', numbered(2, { controlId: 'q-2' }));
    const id = await kept(message, { sender: '?', controlId: '', trigger: '' });
    const { body } = await replay(id);
    expect(body.answer).toBe('AA');
    expect(body.inboundId).not.toBe(id);
    expect((await (await intake.client()).send(message)).code).toBe('AA');
    const found = await intake.sql.query<{ id: string; arrivals: number; replayed_as: string | null }>('select id, arrivals, replayed_as from inbound where id in ($1, $2)', [id, body.inboundId]);
    expect(found.rows).toEqual(expect.arrayContaining([{ id, arrivals: 1, replayed_as: body.inboundId }, { id: body.inboundId, arrivals: 2, replayed_as: null }]));
    expect(await intake.outcomeOf('q-2')).toMatchObject({ outcome: 'discharge' });
  });

  it('is for operators to replay, and is on record', async () => {
    const id = await kept(adt('A03', numbered(3, { controlId: 'q-3' })), { sender: '?', controlId: '', trigger: '' });
    expect((await replay(id, ['coordinator'])).status).toBe(403);
    expect((await replay(randomUUID())).status).toBe(404);
    await replay(id);
    const { rows } = await intake.sql.query<{ action: string; resource: string }>(`select action, resource from audit where subject = $1 and outcome = 'allowed'`, [id]);
    expect(rows).toEqual([{ action: 'change', resource: 'inbound' }]);
  });
});
