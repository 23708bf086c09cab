import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES, type Service } from '@throughline/contracts/define-event';
import pg from 'pg';
import { writePrivate } from '../home/home.js';

const schemaOf = (service: Service): string => service.replaceAll('-', '_');
const roleOf = (service: Service): string => `throughline_${schemaOf(service)}`;

/** Service -> password of its role, kept in the home. */
const passwords = (home: string): Readonly<Record<string, string>> => {
  const file = join(home, 'database-roles.json');
  if (!existsSync(file)) writePrivate(file, JSON.stringify(Object.fromEntries(SERVICES.map((service) => [service, randomBytes(24).toString('base64url')])), null, 2));
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
};

const connected = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
};

/**
 * A role per service that can read and write the rows of its own schema and nothing else: it makes no tables (`migrate`
 * does), and sees no other service's. Run after migrating, as often as one likes. Answers each service's URL.
 */
export const grantServiceRoles = async (home: string, adminUrl: string): Promise<Readonly<Record<Service, string>>> => {
  const kept = passwords(home);
  await connected(adminUrl, async (client) => {
    for (const service of SERVICES) {
      const [role, schema] = [pg.escapeIdentifier(roleOf(service)), pg.escapeIdentifier(schemaOf(service))];
      const found = await client.query('select 1 from pg_roles where rolname = $1', [roleOf(service)]);
      if (found.rowCount === 0) await client.query(`create role ${role} login`);
      await client.query(`alter role ${role} password ${pg.escapeLiteral(kept[service] ?? '')}`);
      await client.query(`grant usage on schema ${schema} to ${role}`);
      await client.query(`grant select, insert, update, delete on all tables in schema ${schema} to ${role}`);
      await client.query(`grant usage, select on all sequences in schema ${schema} to ${role}`);
    }
  });
  const urlOf = (service: Service): string => {
    const url = new URL(adminUrl);
    url.username = roleOf(service);
    url.password = kept[service] ?? '';
    return url.href;
  };
  return Object.fromEntries(SERVICES.map((service) => [service, urlOf(service)])) as Record<Service, string>;
};
