import { SERVICES } from '@throughline/contracts/define-event';
import { publishedBy, topicsReadBy } from '@throughline/contracts/flow';
import { aclScript } from '@throughline/contracts/kafka-access';
import type { Command } from 'commander';
import { Complaint, readInstance } from '../home/home.js';
import { homeFrom, withHome } from './home-option.js';

const truthy = (value: string | undefined): boolean => /^(1|true|yes|on)$/i.test(value ?? '');

/** The brokers of the environment, else of the instance that runs at the home. */
const connection = (env: NodeJS.ProcessEnv, home: string) => {
  const brokers = env['THROUGHLINE_KAFKA_BROKERS'] ?? readInstance(home)?.kafkaBrokers;
  if (!brokers) throw new Complaint('There is no Kafka to ask: set THROUGHLINE_KAFKA_BROKERS to host:port,host:port, or name the home of a running stack with --home.');
  const [mechanism, username, password] = ['MECHANISM', 'USERNAME', 'PASSWORD'].map((name) => env[`THROUGHLINE_KAFKA_SASL_${name}`]);
  const known = mechanism === 'plain' || mechanism === 'scram-sha-256' || mechanism === 'scram-sha-512';
  return { brokers: brokers.split(',').map((broker) => broker.trim()), ssl: truthy(env['THROUGHLINE_KAFKA_TLS']), ...(known && username && password ? { sasl: { mechanism, username, password } as never } : {}) };
};

/** `throughline topics [--apply]`: the topics that the flow names; with --apply they are made where they are missing. */
export const topicsCommand = (program: Command): void => {
  withHome(program.command('topics').description('list the topics; --apply makes those that are missing'), '.stack')
    .option('--apply', 'make what is missing (12 partitions, 30 days); a topic with another number of partitions is an error')
    .option('--replication <n>', "copies of each; default: the brokers' own setting", Number)
    .option('--acls', "print a script for the cluster's administrator: the rights of each service, and of a tool outside; nothing else is done")
    .action(async (flags: { home?: string; apply?: boolean; replication?: number; acls?: boolean }) => {
      if (flags.acls) return void process.stdout.write(aclScript());
      for (const topic of SERVICES) {
        const readers = SERVICES.filter((service) => topicsReadBy(service).includes(topic));
        console.log(`${topic}: ${publishedBy(topic).length} event types, read by ${readers.join(', ') || 'subscribers outside only'}`);
      }
      const { ensureTopics, ingressTopics } = await import('../parts/ensure-topics.js');
      const [ingress, answers] = ingressTopics(process.env);
      if (ingress) console.log(`${ingress}: what systems outside send, read by intake; answered on ${answers}`);
      if (!flags.apply) return;
      await ensureTopics({ ...connection(process.env, homeFrom(flags.home, '.stack')), replication: flags.replication }, process.env);
      console.log('all topics are there');
    });
};
