import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

export interface ReceivedMail {
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** Headers and body as they came. */
  readonly raw: string;
}

/**
 * What the peer does with the next mails.
 * - `accept`: takes them, and says so `afterMs` later: a sender that dies in between cannot know
 * - `refuse`: answers this code at this point of the conversation (`end`: to the text, after having read it)
 * - `hang`: never answers at this point
 * - `drop`: has taken the whole text, then breaks the connection instead of answering: the sender cannot know
 */
export type SmtpBehaviour =
  | { readonly kind: 'accept'; readonly afterMs?: number }
  | { readonly kind: 'refuse'; readonly code: number; readonly at: 'mail' | 'rcpt' | 'end' }
  | { readonly kind: 'hang'; readonly at: 'mail' | 'end' }
  | { readonly kind: 'drop' };

export interface SmtpPeer {
  /** `smtp://127.0.0.1:PORT` */
  readonly url: string;
  /** Every mail whose text arrived and was not refused, dropped ones included: what a recipient may have in the mailbox. */
  readonly received: readonly ReceivedMail[];
  /** Mails begun (MAIL FROM), whatever became of them. */
  readonly begun: () => number;
  /** Mails taken whose sender does not know it yet. */
  readonly unanswered: () => number;
  behave(behaviour: SmtpBehaviour): void;
  stop(): Promise<void>;
}

const refusal = (code: number): Error => Object.assign(new Error('told to refuse'), { responseCode: code });
const header = (raw: string, name: string): string =>
  new RegExp(`^${name}:\\s*(.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(raw)?.[1]?.replace(/\r\n[ \t]/g, ' ').trim() ?? '';

/** A real SMTP server on loopback that keeps what it receives and can be told to misbehave. */
export const smtpPeer = async (port = 0): Promise<SmtpPeer> => {
  const received: ReceivedMail[] = [];
  let begun = 0;
  let unanswered = 0;
  let behaviour: SmtpBehaviour = { kind: 'accept' };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onMailFrom: (_address, _session, done) => {
      begun++;
      if (behaviour.kind === 'hang' && behaviour.at === 'mail') return;
      done(behaviour.kind === 'refuse' && behaviour.at === 'mail' ? refusal(behaviour.code) : null);
    },
    onRcptTo: (_address, _session, done) => done(behaviour.kind === 'refuse' && behaviour.at === 'rcpt' ? refusal(behaviour.code) : null),
    onData: (stream, session, done) => {
      const now = behaviour;
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (now.kind === 'refuse' && now.at === 'end') return done(refusal(now.code));
        received.push(mailOf(Buffer.concat(chunks).toString('utf8'), session));
        if (now.kind === 'hang') return;
        if (now.kind === 'drop') return cut(session);
        if (now.kind !== 'accept' || !now.afterMs) return done();
        unanswered++;
        setTimeout(() => {
          unanswered--;
          done();
        }, now.afterMs);
      });
    },
  });
  const cut = (session: SMTPServerSession): void => {
    for (const connection of server.connections as Set<{ id: string; _socket: { destroy(): void } }>) if (connection.id === session.id) connection._socket.destroy();
  };
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    received,
    begun: () => begun,
    unanswered: () => unanswered,
    behave: (next) => void (behaviour = next),
    stop: () =>
      new Promise<void>((resolve) => {
        for (const connection of server.connections as Set<{ _socket: { destroy(): void } }>) connection._socket.destroy();
        server.close(() => resolve());
      }),
  };
};

const mailOf = (raw: string, session: SMTPServerSession): ReceivedMail => ({
  messageId: header(raw, 'Message-ID').replace(/^<|>$/g, ''),
  from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
  to: session.envelope.rcptTo.map((it) => it.address),
  subject: header(raw, 'Subject'),
  raw,
});
