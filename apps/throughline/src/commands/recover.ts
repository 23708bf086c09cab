import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@throughline/contracts/define-event';
import type { Command } from 'commander';
import { withHome } from './home-option.js';
import type { HttpApi } from './http-api.js';
import { knownService, operatorApi } from './operator-api.js';

interface RecoveryView {
  readonly state: 'not-needed' | 'needed' | 'under-way';
  readonly step: string | null;
  readonly last: { readonly id: number; readonly begunAt: string; readonly endedAt: string | null; readonly restored: number; readonly notRecovered: number } | null;
}

interface Loss {
  readonly type: string;
  readonly subject: string;
  readonly at: string | null;
  readonly what: string;
}

const LOOK_MS = 1_000;

/** What no topic holds, so that no recovery can have it again. */
const NEVER: Readonly<Record<string, string>> = {
  intake: 'messages received since the copy, identifiers other than record numbers, audit rows, answers kept by idempotency key: have every sender send again what it sent since the copy',
  'care-plan': 'notes, audit rows, answers kept by idempotency key',
  'medication-reconciliation': 'notes, audit rows, answers kept by idempotency key',
  scheduling: 'audit rows, answers kept by idempotency key',
  notification: 'audit rows; a mail whose sending was not settled may be sent again under the same Message-ID; the stream of notices is numbered anew, and its readers are told so',
};

const untilEnded = async (http: HttpApi, service: string): Promise<RecoveryView> => {
  for (let told: string | null = null; ; ) {
    const view = await http.get<RecoveryView>(`/api/${service}/recovery`);
    if (view.state !== 'under-way') return view;
    if (view.step !== null && view.step !== told) console.log(`  ${view.step}`);
    told = view.step;
    await delay(LOOK_MS);
  }
};

/** `throughline recover <service>`: the way back for a service whose database was put back to an older copy. */
export const recoverCommand = (program: Command): void => {
  withHome(
    program
      .command('recover')
      .description("after a service's database was put back to an older copy: it applies its own facts since again, people's decisions included, reads on, and opens; lists what could not be recovered; audited"),
  )
    .argument('<service>', 'a service, or all')
    .action(async (name: string, flags: { home?: string }) => {
      const services = name === 'all' ? SERVICES : [knownService(name)];
      const http = await operatorApi(flags);
      for (const service of services) await recoverOne(http, service);
    });
};

const recoverOne = async (http: HttpApi, service: string): Promise<void> => {
  const before = await http.get<RecoveryView>(`/api/${service}/recovery`);
  if (before.state === 'not-needed') {
    console.log(`${service} holds everything that it published: there is nothing to recover`);
    return;
  }
  await http.post<RecoveryView>(`/api/${service}/recovery`, {}, { 'idempotency-key': randomUUID() });
  console.log(`recovering ${service}; it opens by itself when it is done, whether or not this command waits`);
  const { last } = await untilEnded(http, service);
  for await (const page of http.pages<Loss>(`/api/${service}/recovery/losses`, 'cursor')) {
    for (const { type, subject, at, what } of page) console.log(`  not recovered: ${type} ${subject}${at === null ? '' : ` of ${at}`}: ${what}`);
  }
  console.log(`  never recovered, since no topic holds it: ${NEVER[service]}`);
  console.log(`recovered ${service}: ${last?.restored ?? 0} facts applied again, ${last?.notRecovered ?? 0} things not recovered`);
};
