import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { adt, numbered } from '@throughline/testing/hl7-builder';
import { mllpFrame, readAcknowledgement, type Acknowledgement } from '@throughline/testing/mllp-client';
import { RunningIntake } from './running-intake.js';

/** Real certificates of a made-up authority. */
describe('receiving over TLS, from senders that show who they are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-tls-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'ignore', cwd: folder });
  const certificate = (name: string): void => {
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-out', `${name}.pem`);
  };
  let intake: RunningIntake;

  beforeAll(async () => {
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=A made-up authority');
    for (const name of ['listener', 'ehr.north.example', 'somebody.else.example']) certificate(name);
    writeFileSync(file('senders.json'), JSON.stringify({ 'WARDS|NORTHSHORE': { certificates: ['ehr.north.example'], acknowledge: 'enhanced' } }));
    intake = await RunningIntake.start({
      THROUGHLINE_MLLP_TLS_KEY: file('listener.key'), THROUGHLINE_MLLP_TLS_CERT: file('listener.pem'), THROUGHLINE_MLLP_TLS_CLIENT_CA: file('ca.pem'),
      THROUGHLINE_SENDERS: file('senders.json'), THROUGHLINE_UNKNOWN_SENDERS: 'refuse',
    });
  });
  afterAll(async () => {
    await intake?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Undefined: the connection ended without an answer. */
  const send = (message: string, name?: string): Promise<Acknowledgement | undefined> =>
    new Promise((resolve) => {
      const own = name === undefined ? {} : { key: readFileSync(file(`${name}.key`)), cert: readFileSync(file(`${name}.pem`)) };
      const socket: TLSSocket = connect({ host: '127.0.0.1', port: intake.mllpPort, ca: readFileSync(file('ca.pem')), servername: 'listener', ...own }, () => socket.write(mllpFrame(message)));
      socket.on('data', (chunk) => {
        resolve(readAcknowledgement(chunk.toString('utf8').replace(/[\u000b\u001c]/g, '')));
        socket.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(undefined));
    });

  it('takes what comes with the right certificate, and answers in the mode that is agreed', async () => {
    expect(await send(adt('A03', numbered(1, { controlId: 't-1' })), 'ehr.north.example')).toMatchObject({ code: 'CA', controlId: 't-1' });
    expect(await intake.outcomeOf('t-1')).toMatchObject({ outcome: 'discharge' });
  });

  it('keeps what comes with another one, and says that it is not taken, until it comes with the right one', async () => {
    const message = adt('A03', numbered(2, { controlId: 't-2' }));
    expect(await send(message, 'somebody.else.example')).toMatchObject({ code: 'CE', controlId: 't-2', text: expect.stringContaining('certificate') as string });
    expect(await intake.outcomeOf('t-2')).toMatchObject({ outcome: 'quarantined', reason: '204' });
    expect(await send(message, 'ehr.north.example')).toMatchObject({ code: 'CA' });
    expect(await intake.outcomeOf('t-2')).toMatchObject({ outcome: 'discharge' });
  });

  it('takes nothing from who shows none, and nothing from a sender that nobody told of', async () => {
    expect(await send(adt('A03', numbered(3, { controlId: 't-3' })))).toBeUndefined();
    expect(await send(adt('A03', { ...numbered(4, { controlId: 't-4' }), app: 'UNKNOWN' }), 'ehr.north.example')).toMatchObject({ code: 'AE', text: expect.stringContaining('not known') as string });
    expect((await intake.ledger()).map(({ controlId }) => controlId)).not.toContain('t-3');
  });
});
