import { RunningIntake } from './running-intake.js';

describe('the door without a hospital', () => {
  let intake: RunningIntake;
  beforeAll(async () => {
    intake = await RunningIntake.start();
  });
  afterAll(async () => intake?.stop());

  const patient = { identifiers: [{ value: '77001', authority: 'CLINIC', type: 'MR' }], family: 'Referred', given: 'Sam', birthDate: '1971-05-06' };
  const body = (referral: object, messageId: string) => ({ sender: 'CLINIC', messageId, patient, referral });
  const refer = (referral: object, messageId: string, roles: readonly string[] = ['coordinator']) =>
    intake.call<{ errors?: { field: string }[] }>('POST', '/api/intake/referrals', { roles, key: `key-${messageId}`, body: body(referral, messageId) });
  const referred = async () => (await intake.events()).filter(({ type }) => type === 'care.patient.referred.v1').map(({ data }) => data);

  it('opens for whoever asks, with who asked, what for, and the day the deadlines count from', async () => {
    const asked = { by: 'clinician', number: 'RF-1', referredAt: '2026-03-05T23:30:00-05:00', reason: { code: 'E11.9', text: 'Type 2 diabetes, new' }, programme: 'diabetes', urgency: 'urgent' };
    expect((await refer(asked, 'r-1')).status).toBe(202);
    expect(await intake.outcomeOf('r-1')).toMatchObject({ outcome: 'noted', trigger: 'referral' });
    expect(await referred()).toMatchObject([
      { by: 'clinician', number: 'RF-1', referredAt: '2026-03-06T04:30:00.000Z', referredDate: '2026-03-05', zone: 'America/New_York', reason: { code: 'E11.9' }, programme: 'diabetes', urgency: 'urgent', withdrawn: false, version: 1 },
    ]);
  });

  it('is one referral under its number: said again nothing, said better a correction', async () => {
    const again = { by: 'clinician', number: 'RF-1', referredAt: '2026-03-05T23:30:00-05:00', reason: { code: 'E11.9', text: 'Type 2 diabetes, new' }, programme: 'diabetes', urgency: 'urgent' };
    await refer(again, 'r-2');
    await refer({ ...again, urgency: 'routine' }, 'r-3');
    expect([(await intake.outcomeOf('r-2')).outcome, (await intake.outcomeOf('r-3')).outcome]).toEqual(['repeat', 'correction']);
    expect((await referred()).map(({ version, urgency }) => [version, urgency])).toEqual([[1, 'urgent'], [2, 'routine']]);
  });

  it('without a time it is now; who asks has to be said, in one of four words', async () => {
    expect((await refer({ by: 'patient' }, 'r-4')).status).toBe(202);
    await intake.quiet();
    expect((await referred()).at(-1)).toMatchObject({ by: 'patient', backdated: false });
    expect(await refer({ by: 'neighbour' }, 'r-5')).toMatchObject({ status: 400, body: { errors: [{ field: 'referral.by' }] } });
    expect((await refer({ by: 'patient' }, 'r-6', ['subscriber'])).status).toBe(403);
  });
});
