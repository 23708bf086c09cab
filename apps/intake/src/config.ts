import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isCharacterSet } from './adapters/hl7v2/er7.js';
import { isNetwork } from './adapters/hl7v2/sender-settings.js';
import { sourceFits, sourceSettings } from './adapters/fhir-source/source-settings.js';
import { SERVICES } from '@throughline/contracts/define-event';
import { INGRESS_ANSWERS_TOPIC, INGRESS_TOPIC } from '@throughline/contracts/ingress';
import { THROUGHLINE, uuid5 } from '@throughline/kernel/ids';
import { readConfig, secret, setting, type ConfigOf, type ConfigProblem, type Environment } from '@throughline/platform/config/read-config';
import { busOf, busSettings } from '@throughline/platform/config/read-platform-config';
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
    authorities: z.record(z.string(), text).optional(),
    characterSet: text.refine(isCharacterSet, 'is not like 8859/1 or 8859/15; UTF-8 needs no setting').optional(),
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
    emergency: z.array(text).default(['E', 'EMER', 'EMERGENCY']),
    /** A file of before it was asked for knows the table's code and LOINC's. */
    dischargeSummaries: z.array(text).default(['DS', '18842-5']),
  })
  .transform(({ dispositions, notInpatient, emergency, dischargeSummaries }) => ({
    summaryKinds: dischargeSummaries.map((code) => code.toUpperCase()),
    dispositions: Object.fromEntries(
      (['left-to-inpatient-care', 'hospice', 'deceased'] as const).flatMap((reason) => dispositions[reason].map((code) => [code.toUpperCase(), reason] as const)),
    ),
    notInpatient: notInpatient.map((code) => code.toUpperCase()),
    emergency: emergency.map((code) => code.toUpperCase()),
  }));

const seconds = (max: number, initial: number) => wholeNumber(1, max).default(initial);

const topicName = z.string().regex(/^[a-zA-Z0-9._-]{1,200}$/, 'is not the name of a topic');

const settings = {
  ...busSettings,
  ingressTopic: setting('THROUGHLINE_INGRESS_TOPIC', topicName.optional(), 'Set it to the topic of Kafka that systems send CloudEvents to, to off, or leave it out.'),
  ingressAnswersTopic: setting('THROUGHLINE_INGRESS_ANSWERS_TOPIC', topicName.default(INGRESS_ANSWERS_TOPIC), 'Set it to the topic on which they are answered.'),
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
    'Set it to take, or to refuse where only the senders in THROUGHLINE_SENDERS may send HL7, or over Kafka.',
  ),
  senderSilenceMinutes: setting('THROUGHLINE_SENDER_SILENCE_MINUTES', wholeNumber(1, 10_080).default(15), 'Set it to the shortest silence of a sender that is told, in minutes.'),
  followUp: setting(
    'THROUGHLINE_FOLLOW_UP',
    text.default(fileURLToPath(new URL('../reference/follow-up.json', import.meta.url))).pipe(jsonFile(FollowUp)),
    'Set it to a JSON file of the shape of apps/intake/reference/follow-up.json, or leave it out.',
  ),
  ...sourceSettings,
} as const;

export type IntakeConfig = ConfigOf<typeof settings>;

const tlsTogether = (config: IntakeConfig): readonly ConfigProblem[] =>
  (config.mllpTlsKey === undefined) === (config.mllpTlsCert === undefined)
    ? []
    : [{ variable: 'THROUGHLINE_MLLP_TLS_KEY', wrong: 'key and certificate do not come together', remedy: 'Set both THROUGHLINE_MLLP_TLS_KEY and THROUGHLINE_MLLP_TLS_CERT, or neither.' }];

const OFF = 'off';

/** Where events are taken and answered; undefined where none are. Nobody outside can write to the embedded bus. */
export const ingressOf = (config: IntakeConfig): { readonly topic: string; readonly answers: string } | undefined => {
  const { ingressTopic: topic = INGRESS_TOPIC, ingressAnswersTopic: answers } = config;
  return busOf(config) === 'embedded' || topic === OFF ? undefined : { topic, answers };
};

const ingressFits = (config: IntakeConfig): readonly ConfigProblem[] => {
  const { ingressTopic: topic = INGRESS_TOPIC, ingressAnswersTopic: answers } = config;
  if (topic === OFF) return [];
  const variable = 'THROUGHLINE_INGRESS_TOPIC';
  if (busOf(config) === 'embedded') return config.ingressTopic === undefined ? [] : [{ variable, wrong: 'the embedded bus has no Kafka that anybody could send to', remedy: 'Take it away, set it to off, or set THROUGHLINE_BUS to kafka.' }];
  const ours: readonly string[] = SERVICES;
  return topic === answers || ours.includes(topic) || ours.includes(answers) ? [{ variable, wrong: 'it, or THROUGHLINE_INGRESS_ANSWERS_TOPIC, names a topic that has another use', remedy: 'Set each to a topic of its own.' }] : [];
};

/** @throws ConfigError listing every problem */
export const readIntakeConfig = (env: Environment): IntakeConfig => readConfig(settings, env, tlsTogether, ingressFits, sourceFits);
