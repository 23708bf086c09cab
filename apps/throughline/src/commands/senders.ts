import type { Command } from 'commander';
import { withHome } from './home-option.js';
import { operatorApi } from './operator-api.js';

interface Counts {
  readonly AA: number;
  readonly AE: number;
  readonly AR: number;
  readonly repeats: number;
}

export interface Sender {
  readonly sender: string;
  readonly state: 'new' | 'steady' | 'silent' | 'gone';
  readonly lastMessageAt: string;
  readonly usualGapSeconds: number | null;
  readonly today: Counts;
  readonly week: Counts;
  readonly quarantined: number;
}

const HEADINGS = ['sender', 'state', 'last new message', 'usual gap', 'today AA/AE/AR', 'repeats', '7 days AA/AE/AR', 'repeats', 'quarantined'];

/** `45 s`, `12 min`, `14.5 h`: as a person says it. */
const gapText = (seconds: number | null): string => {
  if (seconds === null) return '-';
  if (seconds < 90) return `${seconds} s`;
  return seconds < 90 * 60 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
};

const answers = ({ AA, AE, AR }: Counts): string => `${AA}/${AE}/${AR}`;

const cellsOf = ({ sender, state, lastMessageAt, usualGapSeconds, today, week, quarantined }: Sender): readonly string[] => [
  sender, state, `${lastMessageAt.slice(0, 19)}Z`, gapText(usualGapSeconds), answers(today), String(today.repeats), answers(week), String(week.repeats), String(quarantined),
];

/** A line a sender, in columns. */
export const senderTable = (senders: readonly Sender[]): readonly string[] => {
  const rows = [HEADINGS, ...senders.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd());
};

/** `throughline senders`: who sends, how it was answered, and who has fallen silent. */
export const sendersCommand = (program: Command): void => {
  withHome(program.command('senders').description('who sends, how much, how it was answered, and who has fallen silent'))
    .option('--silent', 'only those that are silent')
    .option('--json', 'one line of JSON each')
    .action(async (flags: { home?: string; silent?: boolean; json?: boolean }) => {
      const all: Sender[] = [];
      for await (const items of (await operatorApi(flags)).pages<Sender>('/api/intake/senders', 'cursor')) all.push(...items);
      const silent = all.filter(({ state }) => state === 'silent');
      const shown = flags.silent ? silent : all;
      for (const line of flags.json ? shown.map((one) => JSON.stringify(one)) : senderTable(shown)) console.log(line);
      if (!flags.json) console.log(`senders ${all.length}, silent ${silent.length}`);
    });
};
