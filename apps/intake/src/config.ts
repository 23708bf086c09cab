import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isNetwork } from './adapters/hl7v2/sender-settings.js';
import { THROUGHLINE, uuid5 } from '@throughline/kernel/ids';
import { readConfig, secret, setting, type ConfigOf, type Environment } from '@throughline/platform/config/read-config';
import { port, text, timeZone, wholeNumber } from '@throughline/platform/config/value-kinds';
import * as z from 'zod';

/** A file that is read at the start, so that a wrong one stops it. */
const jsonFile = <T>(shape: z.ZodType<T>) =>
  text.transform((path, context): T => {
    try {
      const read = shape.safeParse(JSON.parse(readFileSync(path, 'utf8')));
      if (read.success) return read.data;
      for (const issue of read.error.issues) context.addIssue({ code: 'custom', message: `${issue.path.join('.')}: ${issue.message}` });
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'cannot be read' });
    }
    return z.NEVER;
  });

const file = text.transform((path, context) => {
  try {
    return readFileSync(path);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'cannot be read' });
    return z.NEVER;
  }
});

const Senders = z.record(
  z.string(),
  z.strictObject({
    zone: timeZone.optional(),
    authority: text.optional(),
    addresses: z.array(text.refine(isNetwork, 'is neither an address nor a network such as 10.1.0.0/16')).optional(),
    certificates: z.array(text).optional(),
    triggers: z.array(text.regex(/^[A-Z]{3}(\^[A-Z]\d\d)?$/, 'is not like ADT or ADT^A03')).optional(),
    acknowledge: z.enum(['original', 'enhanced']).optional(),
  }),
);

const FollowUp = z
  .object({
    version: z.string(),
    dispositions: z.object({ deceased: z.array(text), hospice: z.array(text), 'left-to-inpatient-care': z.array(text) }),
    notInpatient: z.array(text),
    /** A file of before it was asked for knows the table's code and LOINC's. */
    dischargeSummaries: z.array(text).default(['DS', '18842-5']),
  })
  .transform(({ dispositions, notInpatient, dischargeSummaries }) => ({
    summaryKinds: dischargeSummaries.map((code) => code.toUpperCase()),
    dispositions: Object.fromEntries(
      (['left-to-inpatient-care', 'hospice', 'deceased'] as const).flatMap((reason) => dispositions[reason].map((code) => [code.toUpperCase(), reason] as const)),
    ),
    notInpatient: notInpatient.map((code) => code.toUpperCase()),
  }));

const seconds = (max: number, initial: number) => wholeNumber(1, max).default(initial);

const settings = {
  namespace: secret(
    'THROUGHLINE_NAMESPACE_SECRET',
    z.string().min(16, 'shorter than 16 characters').transform((value) => uuid5(THROUGHLINE, value)),
    'Set it to a random text of 16 characters or more, once per installation: patient ids are made with it, so it must never change.',
  ),
  mllpHost: setting('THROUGHLINE_MLLP_HOST', text.default('127.0.0.1'), 'Set it to the address that HL7 senders reach, for example 0.0.0.0.'),
  mllpPort: setting('THROUGHLINE_MLLP_PORT', port.default(2575), 'Set it to a port from 0 (any free one) to 65535.'),
  mllpConnections: setting('THROUGHLINE_MLLP_CONNECTIONS', wholeNumber(1, 10_000).default(500), 'Set it to how many senders may be connected at once.'),
  mllpIdleSeconds: setting('THROUGHLINE_MLLP_IDLE_SECONDS', seconds(604_800, 3_600), 'Set it to how long a silent connection stays open, in seconds.'),
  mllpStallSeconds: setting('THROUGHLINE_MLLP_STALL_SECONDS', seconds(600, 30), 'Set it to how long a message may pause while it arrives, in seconds.'),
  mllpFrameSeconds: setting('THROUGHLINE_MLLP_FRAME_SECONDS', seconds(3_600, 120), 'Set it to how long one message may take to arrive, in seconds.'),
  mllpTlsKey: setting('THROUGHLINE_MLLP_TLS_KEY', file.optional(), 'Set it to a PEM file with the private key, or leave it out for plain TCP.'),
  mllpTlsCert: setting('THROUGHLINE_MLLP_TLS_CERT', file.optional(), 'Set it to a PEM file with the certificate chain.'),
  mllpTlsClientCa: setting('THROUGHLINE_MLLP_TLS_CLIENT_CA', file.optional(), 'Set it to a PEM file: senders must then show a certificate signed by it.'),
  facilityZone: setting('THROUGHLINE_FACILITY_ZONE', timeZone.default('America/New_York'), 'Set it to an IANA time zone such as America/New_York.'),
  senders: setting(
    'THROUGHLINE_SENDERS',
    jsonFile(Senders).optional(),
    'Set it to a JSON file: {"SENDING_APP|SENDING_FACILITY": {"zone": "America/Chicago", "authority": "HOSPITAL"}}.',
  ),
  onlyKnownSenders: setting(
    'THROUGHLINE_UNKNOWN_SENDERS',
    z.enum(['take', 'refuse']).default('take').transform((what) => what === 'refuse'),
    'Set it to take, or to refuse where only the senders in THROUGHLINE_SENDERS may send HL7.',
  ),
  followUp: setting(
    'THROUGHLINE_FOLLOW_UP',
    text.default(fileURLToPath(new URL('../reference/follow-up.json', import.meta.url))).pipe(jsonFile(FollowUp)),
    'Set it to a JSON file of the shape of apps/intake/reference/follow-up.json, or leave it out.',
  ),
} as const;

export type IntakeConfig = ConfigOf<typeof settings>;

/** @throws ConfigError listing every problem */
export const readIntakeConfig = (env: Environment): IntakeConfig =>
  readConfig(settings, env, (config) =>
    (config.mllpTlsKey === undefined) === (config.mllpTlsCert === undefined)
      ? []
      : [{ variable: 'THROUGHLINE_MLLP_TLS_KEY', wrong: 'key and certificate do not come together', remedy: 'Set both THROUGHLINE_MLLP_TLS_KEY and THROUGHLINE_MLLP_TLS_CERT, or neither.' }],
  );
