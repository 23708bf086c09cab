import { readServiceConfig } from './config.js';

const SMTP = { THROUGHLINE_SMTP_URL: 'smtp://user:hush@mail.example.org:587', THROUGHLINE_SMTP_FROM: 'throughline@example.org', THROUGHLINE_TEAM_EMAIL: 'transitions=t@example.org,*=rest@example.org' };

describe('config', () => {
  it('has e-mail off without a mail server', () => {
    expect(readServiceConfig({})).toMatchObject({ smtp: undefined, email: { state: 'off' } });
  });

  it('reads the mail server and each team\'s address', () => {
    const config = readServiceConfig({ ...SMTP, THROUGHLINE_EMAIL_ON: 'opened, overdue' });
    expect(config.email).toMatchObject({ state: 'on', reasons: ['opened', 'overdue'] });
    expect([...config.smtp!.recipients]).toEqual([['transitions', 't@example.org'], ['*', 'rest@example.org']]);
  });

  it('names every problem at once and never the password', () => {
    const read = () => readServiceConfig({ THROUGHLINE_SMTP_URL: 'hush://hush', THROUGHLINE_TEAM_EMAIL: 'nobody', THROUGHLINE_EMAIL_ON: 'sometimes' });
    expect(read).toThrow(/THROUGHLINE_SMTP_URL[\s\S]*THROUGHLINE_TEAM_EMAIL[\s\S]*THROUGHLINE_EMAIL_ON/);
    expect(read).not.toThrow(/hush/);
  });

  it('refuses a mail server without sender and recipient', () => {
    expect(() => readServiceConfig({ THROUGHLINE_SMTP_URL: SMTP.THROUGHLINE_SMTP_URL })).toThrow(/THROUGHLINE_SMTP_FROM[\s\S]*THROUGHLINE_TEAM_EMAIL/);
  });
});
