import { SERVICES, type Service } from './define-event.js';
import { topicsReadBy } from './flow.js';
import { INGRESS_ANSWERS_TOPIC, INGRESS_TOPIC } from './ingress.js';

/** What one principal may do on the brokers with resources of one kind. */
export interface Grant {
  readonly principal: string;
  readonly operations: readonly ('Read' | 'Write' | 'Create' | 'Describe')[];
  readonly resource: 'topic' | 'group';
  readonly names: readonly string[];
  /** `prefixed`: everything whose name begins so. */
  readonly pattern: 'literal' | 'prefixed';
}

/** Makes the topics (`throughline topics --apply`), and can neither read nor write them. */
export const TOPIC_MAKER = 'throughline-topics';
/** Demographics travel on it: it is the services' alone. */
const CLOSED: readonly Service[] = ['intake'];

/** Kafka's consumer group of a service for one topic. */
export const groupOf = (service: Service, topic: string): string => `${service}.${topic}`;

/**
 * A service writes its own topic and no other, and reads what the flow gives it. It reads its own too: that is how it finds out
 * that its database is an older copy than what it published.
 */
const serviceGrants = (service: Service): readonly Grant[] => {
  const topics = topicsReadBy(service);
  return [
    { principal: service, operations: ['Write'], resource: 'topic', names: [service], pattern: 'literal' },
    { principal: service, operations: ['Read'], resource: 'topic', names: [service, ...topics], pattern: 'literal' },
    ...(topics.length === 0 ? [] : [{ principal: service, operations: ['Read'], resource: 'group', names: topics.map((topic) => groupOf(service, topic)), pattern: 'literal' } as const]),
  ];
};

/** Intake takes what systems send, and answers it. */
const ingressGrants: readonly Grant[] = [
  { principal: 'intake', operations: ['Read'], resource: 'topic', names: [INGRESS_TOPIC], pattern: 'literal' },
  { principal: 'intake', operations: ['Write'], resource: 'topic', names: [INGRESS_ANSWERS_TOPIC], pattern: 'literal' },
  { principal: 'intake', operations: ['Read'], resource: 'group', names: [groupOf('intake', INGRESS_TOPIC)], pattern: 'literal' },
];

export const houseGrants = (): readonly Grant[] => [
  { principal: TOPIC_MAKER, operations: ['Create', 'Describe'], resource: 'topic', names: [...SERVICES, INGRESS_TOPIC, INGRESS_ANSWERS_TOPIC], pattern: 'literal' },
  ...SERVICES.flatMap(serviceGrants),
  ...ingressGrants,
];

/** A tool outside: every topic without demographics, and groups that begin with its own name. */
export const toolGrants = (tool: string): readonly Grant[] => [
  { principal: tool, operations: ['Read'], resource: 'topic', names: SERVICES.filter((topic) => !CLOSED.includes(topic)), pattern: 'literal' },
  { principal: tool, operations: ['Read'], resource: 'group', names: [`${tool}.`], pattern: 'prefixed' },
];

/** A system outside that sends: it cannot read what others send. Everybody's answers are on one topic, and say nothing of patients. */
export const senderGrants = (sender: string): readonly Grant[] => [
  { principal: sender, operations: ['Write'], resource: 'topic', names: [INGRESS_TOPIC], pattern: 'literal' },
  { principal: sender, operations: ['Read'], resource: 'topic', names: [INGRESS_ANSWERS_TOPIC], pattern: 'literal' },
  { principal: sender, operations: ['Read'], resource: 'group', names: [`${sender}.`], pattern: 'prefixed' },
];

const command = ({ principal, operations, resource, names, pattern }: Grant): string =>
  [
    `acls --allow-principal "User:${principal}"`,
    ...operations.map((operation) => `--operation ${operation}`),
    ...(pattern === 'prefixed' ? ['--resource-pattern-type prefixed'] : []),
    ...names.map((name) => `--${resource} "${name}"`),
  ].join(' ');

/** infra/kafka/acls.sh */
export const aclScript = (): string =>
  [
    '#!/bin/sh',
    '# Generated from libs/contracts/src/flow.ts by `npm run contracts`. Do not edit.',
    '#',
    '# Who may do what on the brokers. For an administrator of the cluster, with Kafka\'s own kafka-acls.sh on the PATH; running',
    '# it again changes nothing.',
    '#   KAFKA_BOOTSTRAP=kafka:9093 KAFKA_CONFIG=admin.properties sh acls.sh            the services, and who makes the topics',
    '#   KAFKA_BOOTSTRAP=kafka:9093 KAFKA_CONFIG=admin.properties sh acls.sh billing    a tool outside, called billing',
    '#   KAFKA_BOOTSTRAP=kafka:9093 KAFKA_CONFIG=admin.properties sh acls.sh northshore sender     a system outside that sends, called northshore',
    'set -eu',
    '',
    'acls() {',
    '  kafka-acls.sh --bootstrap-server "$KAFKA_BOOTSTRAP" ${KAFKA_CONFIG:+--command-config "$KAFKA_CONFIG"} --add "$@"',
    '}',
    '',
    'if [ $# -gt 0 ]; then',
    '  # The name of a service, or one that begins a service\'s groups, would open what is the services\' alone.',
    '  case "$1" in',
    `    ${[...SERVICES, TOPIC_MAKER].join(' | ')} | *[!a-z0-9-]* | "")`,
    '      echo "A tool\'s name has small letters, digits and hyphens, and is not one of ours: $1" >&2',
    '      exit 1',
    '      ;;',
    '  esac',
    '  if [ "${2:-}" = sender ]; then',
    ...senderGrants('$1').map((grant) => `    ${command(grant)}`),
    '    exit 0',
    '  fi',
    ...toolGrants('$1').map((grant) => `  ${command(grant)}`),
    '  exit 0',
    'fi',
    '',
    ...houseGrants().map(command),
    '',
  ].join('\n');
