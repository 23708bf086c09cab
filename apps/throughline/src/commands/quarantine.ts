import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { Complaint } from '../home/home.js';
import { withHome } from './home-option.js';
import type { HttpApi } from './http-api.js';
import { operatorApi } from './operator-api.js';

interface Quarantined {
  readonly id: string;
  readonly receivedAt: string;
  readonly sender: string;
  readonly controlId: string;
  readonly trigger: string;
  readonly answer: string;
  readonly arrivals: number;
  readonly reasons: readonly { readonly code: number; readonly where?: string; readonly text: string }[] | null;
}

interface Replayed {
  readonly inboundId: string;
  readonly answer: string;
  readonly reasons: readonly { readonly code: number; readonly where?: string; readonly text: string }[];
}

const why = (reasons: Quarantined['reasons']): string => (reasons ?? []).map(({ code, where, text }) => `${code} ${where === undefined ? '' : `${where}: `}${text}`).join('; ');

/** Newest first; the pages move on by time received, so that what is replayed meanwhile skips nobody. */
const everything = async function* (http: HttpApi): AsyncGenerator<Quarantined> {
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: readonly Quarantined[]; nextCursor: string | null } = await http.get(`/api/intake/inbound?outcome=quarantined&limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    yield* page.items;
    cursor = page.nextCursor;
  }
};

const replay = (http: HttpApi, id: string): Promise<Replayed> => http.post<Replayed>(`/api/intake/inbound/${encodeURIComponent(id)}/replay`, {}, { 'idempotency-key': randomUUID() });

/** `throughline quarantine ...`: messages that could not be read, kept to the byte until they can be, or their sender corrects them. */
export const quarantineCommand = (program: Command): void => {
  const quarantine = program.command('quarantine').description('messages that could not be read; each is kept to the byte, with its reasons');
  withHome(quarantine.command('list').description('all of them, newest first: ids, codes and reasons, no content')).action(async (flags: { home?: string }) => {
    let count = 0;
    for await (const { id, receivedAt, sender, controlId, trigger, answer, arrivals, reasons } of everything(await operatorApi(flags))) {
      count += 1;
      console.log(`${id} ${receivedAt} ${sender} ${controlId || '(no control id)'} ${trigger || '(no type)'} ${answer}${arrivals > 1 ? ` sent ${arrivals} times` : ''}: ${why(reasons)}`);
    }
    console.log(`quarantined ${count}`);
  });
  withHome(quarantine.command('show').description('one of them, whole: it may hold patient data, and looking is audited'))
    .argument('<id>')
    .action(async (id: string, flags: { home?: string }) => console.log(JSON.stringify(await (await operatorApi(flags)).get(`/api/intake/inbound/${encodeURIComponent(id)}`), null, 2)));
  withHome(quarantine.command('replay').description('read it again, by this version and these settings: after an upgrade, or after a setting of its sender was corrected'))
    .argument('[id]')
    .option('--all', 'everything that is in quarantine')
    .action(async (id: string | undefined, flags: { home?: string; all?: boolean }) => {
      if ((id === undefined) === (flags.all !== true)) throw new Complaint('Name one message, or --all.');
      const http = await operatorApi(flags);
      const ids: string[] = id === undefined ? [] : [id];
      if (id === undefined) for await (const one of everything(http)) ids.push(one.id);
      let accepted = 0;
      for (const one of ids.reverse()) {
        const { answer, reasons } = await replay(http, one);
        if (answer === 'AA') accepted += 1;
        else if (id !== undefined) console.log(why(reasons));
      }
      console.log(`replayed ${ids.length}: accepted ${accepted}, still in quarantine ${ids.length - accepted}`);
      if (id !== undefined && accepted === 0) process.exitCode = 1;
    });
};
