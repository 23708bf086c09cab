import { idOf } from '@throughline/kernel/ids';
import type { Command } from 'commander';
import { type LedgerLine, reckon, reckoningLine } from '../check/reckon.js';
import { settle } from '../check/settle.js';
import { type JournalLine, readJournal } from '../send/journal.js';
import { homeFrom, instanceAs, wholeNumber, withHome } from './home-option.js';
import { HttpApi } from './http-api.js';

interface CheckFlags {
  readonly home?: string;
  readonly settle: number;
  readonly journal?: string;
  readonly json?: boolean;
}

const ledgerOf = async (http: HttpApi, service: string): Promise<readonly LedgerLine[]> => {
  const lines: LedgerLine[] = [];
  for await (const page of http.pages<LedgerLine>(`/api/${service}/ledger`, 'after')) lines.push(...page);
  return lines;
};

/** Intake names a message by sender, control id and content: so does this. */
const inboundId = ({ sender, controlId, hash }: JournalLine): string => idOf('inbound', sender, controlId, hash);

const HELP = `
Ends with: accepted N, discharges N, episodes N, lost N, doubled N, parked N.

Exit code
  0  nothing is lost and nothing doubled
  1  something is lost or doubled; a line each says what
  2  the system had not settled within --settle, so the figures are of a moment in the middle of work: a line on standard
     error says what was left, and --json has "settled": false`;

/** Lost and doubled weigh more than not settled: a person has to look at those in any case. */
const exitCode = (wrong: number, settled: boolean): number => (wrong > 0 ? 1 : settled ? 0 : 2);

export const checkCommand = (program: Command): void => {
  withHome(program.command('check').description('compare what was accepted with what became of it, in every service'))
    .option('--settle <seconds>', 'how long to wait for quiet', wholeNumber, 60)
    .option('--journal <file>', 'positive answers, as `throughline send --journal` keeps them')
    .option('--json', 'one JSON object instead of lines')
    .addHelpText('after', HELP)
    .action(async (flags: CheckFlags) => {
      const { instance, token } = await instanceAs(homeFrom(flags.home), 'operator');
      const journal = flags.journal === undefined ? [] : readJournal(flags.journal);
      const http = new HttpApi(instance.url, token);
      const settled = await settle(http, flags.settle * 1000);
      const ledgers = {
        intake: await ledgerOf(http, 'intake'),
        carePlan: await ledgerOf(http, 'care-plan'),
        medicationReconciliation: await ledgerOf(http, 'medication-reconciliation'),
        scheduling: await ledgerOf(http, 'scheduling'),
      };
      const result = reckon(ledgers, journal, inboundId);
      if (!settled.settled) console.error(`not settled after ${flags.settle} s, so the figures may change: ${settled.left.join('; ') || 'quiet for less than two seconds'}`);
      if (flags.json) console.log(JSON.stringify({ ...result, lost: result.lost.length, doubled: result.doubled.length, parked: settled.parked, settled: settled.settled, details: { lost: result.lost, doubled: result.doubled, left: settled.left } }));
      else {
        for (const line of result.lost) console.log(`lost: ${line}`);
        for (const line of result.doubled) console.log(`doubled: ${line}`);
        console.log(reckoningLine(result, settled.parked));
      }
      process.exitCode = exitCode(result.lost.length + result.doubled.length, settled.settled);
    });
};
