import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Outcome } from '../../domain/message.js';

export interface Mail {
  /** Without the angle brackets. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
}

export interface SmtpOptions {
  /** `smtp://user:password@host:port` or `smtps://...`; nodemailer's options as query. */
  readonly url: string;
  readonly from: string;
  /** For the whole attempt, from the first packet to the server's last word. */
  readonly timeoutMs: number;
}

export interface Mailer {
  send(mail: Mail): Promise<Outcome>;
}

interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

/** A short code without an address: what the server wrote may quote one. */
const whyOf = ({ code, command, responseCode }: SmtpError): string =>
  [responseCode === undefined ? undefined : `smtp-${responseCode}`, command?.toLowerCase().replaceAll(' ', '-'), code?.toLowerCase()].filter(Boolean).join(' ') || 'smtp-error';

const ABOUT_THIS_MAIL = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

/**
 * Before the text began to flow nothing can have arrived, so only a final no about this very mail ends it. After that
 * moment only the server's own answer to the text counts (RFC 5321 4.2.5); anything else leaves us not knowing.
 */
export const outcomeOf = (error: SmtpError, textBegun: boolean): Outcome => {
  const answered = error.command !== undefined && ABOUT_THIS_MAIL.has(error.command) && error.responseCode !== undefined;
  if (textBegun && !(answered && error.command === 'DATA')) return { kind: 'unknown' };
  const final = answered ? error.responseCode! >= 500 : error.code === 'EENVELOPE' || error.code === 'EMESSAGE';
  return final ? { kind: 'refused', why: whyOf(error) } : { kind: 'not-now', why: whyOf(error) };
};

/** One connection per mail, and never a second try on its own: who tries again is the message's state to say. */
export const smtpMailer = ({ url, from, timeoutMs }: SmtpOptions): Mailer => {
  const { auth, ...options } = parseConnectionUrl(url);
  const attempt = (raw: Buffer, to: string): Promise<Outcome> =>
    new Promise((resolve) => {
      let textBegun = false;
      const connection = new SMTPConnection({ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs, ...options });
      const end = (outcome: Outcome): void => {
        clearTimeout(deadline);
        if (outcome.kind === 'accepted') connection.quit();
        else connection.close();
        resolve(outcome);
      };
      const fail = (error: unknown): void => end(outcomeOf(error as SmtpError, textBegun));
      const deadline = setTimeout(() => fail({ code: 'ETIMEDOUT', command: 'CONN' }), timeoutMs);
      // Read only once the server has said "354, go on".
      const text = new Readable({
        read() {
          textBegun = true;
          this.push(raw);
          this.push(null);
        },
      });
      const send = (): void => connection.send({ from, to: [to] }, text, (error) => (error ? fail(error) : end({ kind: 'accepted' })));
      connection.on('error', fail);
      connection.connect((error) => {
        if (error) return fail(error);
        if (!auth) return send();
        connection.login(auth, (refused) => (refused ? fail(refused) : send()));
      });
    });

  return {
    send: async ({ messageId, to, subject, text, date }) => {
      const raw = await new MailComposer({
        from,
        to,
        subject,
        text,
        date,
        messageId: `<${messageId}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      })
        .compile()
        .build();
      return attempt(raw, to);
    },
  };
};
