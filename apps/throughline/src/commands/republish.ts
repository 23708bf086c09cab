import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { withHome } from './home-option.js';
import { knownService, operatorApi } from './operator-api.js';

interface Republished {
  readonly looked: number;
  readonly published: number;
  readonly nextCursor: string | null;
}

/** `throughline republish <service>`: its current facts once more, for consumers that are new or whose topic was lost. */
export const republishCommand = (program: Command): void => {
  withHome(program.command('republish').description("state a service's current facts again on its topic, at the versions they have: for a consumer that is new or whose topic was lost"))
    .argument('<service>')
    .option('--type <type>', 'one type of event (all that the service publishes)')
    .action(async (service: string, { home, type }: { home?: string; type?: string }) => {
      const http = await operatorApi(home === undefined ? {} : { home });
      const total = { looked: 0, published: 0 };
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const body = { ...(type === undefined ? {} : { type }), ...(cursor === undefined ? {} : { cursor }) };
        const page: Republished = await http.post<Republished>(`/api/${knownService(service)}/facts/republish`, body, { 'idempotency-key': randomUUID() });
        total.looked += page.looked;
        total.published += page.published;
        cursor = page.nextCursor;
        if (cursor !== null && total.looked % 2_000 === 0) console.log(`  looked at ${total.looked} facts, published ${total.published}`);
      }
      console.log(`looked at ${total.looked} facts, published ${total.published}`);
    });
};
