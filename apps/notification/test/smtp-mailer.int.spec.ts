import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { smtpPeer, type SmtpPeer } from '@throughline/testing/smtp-peer';
import { smtpMailer } from '../src/adapters/email/smtp-mailer.js';

const mail = { messageId: 'row-1@example.org', to: 'team@example.org', subject: 'Overdue: Call', text: 'Overdue: Call\n.\nend', date: new Date('2026-03-04T22:00:00Z') };

describe('the mailer against a real SMTP server', () => {
  let peer: SmtpPeer;
  beforeEach(async () => {
    peer = await smtpPeer();
  });
  afterEach(() => peer.stop());
  const send = (timeoutMs = 5_000) => smtpMailer({ url: peer.url, from: 'throughline@example.org', timeoutMs }).send(mail);

  it('hands over one mail with its Message-ID', async () => {
    expect(await send()).toEqual({ kind: 'accepted' });
    expect(peer.received).toEqual([expect.objectContaining({ messageId: 'row-1@example.org', from: 'throughline@example.org', to: ['team@example.org'], subject: 'Overdue: Call' })]);
    expect(peer.received[0]!.raw).toMatch(/Auto-Submitted: auto-generated/);
  });

  it.each([
    [{ kind: 'refuse', code: 451, at: 'mail' }, { kind: 'not-now', why: 'smtp-451 mail-from eenvelope' }],
    [{ kind: 'refuse', code: 450, at: 'rcpt' }, { kind: 'not-now', why: 'smtp-450 rcpt-to eenvelope' }],
    [{ kind: 'refuse', code: 452, at: 'end' }, { kind: 'not-now', why: 'smtp-452 data emessage' }],
    [{ kind: 'refuse', code: 550, at: 'rcpt' }, { kind: 'refused', why: 'smtp-550 rcpt-to eenvelope' }],
    [{ kind: 'refuse', code: 554, at: 'end' }, { kind: 'refused', why: 'smtp-554 data emessage' }],
  ] as const)('understands %j', async (behaviour, outcome) => {
    peer.behave(behaviour);
    expect(await send()).toEqual(outcome);
    expect(peer.received).toEqual([]);
  });

  it('does not know when the connection broke after the text', async () => {
    peer.behave({ kind: 'drop' });
    expect(await send()).toEqual({ kind: 'unknown' });
    expect(peer.received).toHaveLength(1);
  });

  it('does not know when the server never answers the text', async () => {
    peer.behave({ kind: 'hang', at: 'end' });
    expect(await send(300)).toEqual({ kind: 'unknown' });
  });

  it('knows that nothing went out when the server hangs before the text, or is not there', async () => {
    peer.behave({ kind: 'hang', at: 'mail' });
    expect(await send(300)).toMatchObject({ kind: 'not-now' });
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const nobody = smtpMailer({ url: `smtp://127.0.0.1:${port}`, from: 'a@example.org', timeoutMs: 2_000 });
    expect(await nobody.send(mail)).toMatchObject({ kind: 'not-now' });
  });
});
