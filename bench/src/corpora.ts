import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { System, root, throughline } from '@throughline/testing/system';
import { messagesIn } from '@throughline/throughline/send/read-messages';

/**
 * Sends every well-formed ADT message of a folder of real messages, one fresh system per file, and counts what became of
 * each: answers by code with their reasons, and the one recorded outcome of every message.
 */
const TRIGGERS = ['ADT^A01', 'ADT^A03', 'ADT^A08', 'ADT^A13'];

interface Wanted {
  readonly source: string;
  readonly path: string;
  readonly idx: number;
  readonly type: string;
}

interface LedgerRow {
  readonly id: string;
  readonly kind: string;
  readonly outcome: string;
  readonly reason?: string | null;
  readonly trigger?: string | null;
  readonly dischargedAt?: string | null;
  readonly timeSource?: string | null;
}

interface FileResult {
  readonly source: string;
  readonly path: string;
  readonly sent: number;
  readonly summary: string;
  readonly nacks: readonly string[];
  readonly rows: readonly LedgerRow[];
  readonly a03: number;
  readonly check: string;
  readonly faults: readonly string[];
}

const wantedOf = (corpora: string, only?: string): readonly Wanted[] => {
  const [header = '', ...lines] = readFileSync(join(corpora, 'messages.tsv'), 'utf8').trimEnd().split('\n');
  const columns = header.split('\t');
  return lines
    .map((line) => Object.fromEntries(line.split('\t').map((value, index) => [columns[index], value])))
    .filter((row) => row['klass'] === 'adt-ok' && TRIGGERS.includes(row['type'] ?? '') && (!only || row['source'] === only))
    .map((row) => ({ source: row['source'] ?? '', path: row['path'] ?? '', idx: Number(row['idx']), type: row['type'] ?? '' }));
};

const ledgerOf = async (system: System): Promise<readonly LedgerRow[]> => {
  const rows: LedgerRow[] = [];
  let after = '';
  do {
    const page = await system.get<{ items: LedgerRow[]; nextCursor: string | null }>(`/api/intake/ledger?limit=200${after && `&after=${encodeURIComponent(after)}`}`, 'operator');
    rows.push(...page.items);
    after = page.nextCursor ?? '';
  } while (after);
  return rows.filter((row) => row.kind === 'inbound');
};

const OUTCOMES_OF_A03 = new Set(['discharge', 'repeat', 'correction', 'withdrawn', 'not-followed-up']);

/** One file, one fresh system: what was sent, answered and recorded, and what of it breaks a promise. */
const runFile = async (corpora: string, wanted: readonly Wanted[]): Promise<FileResult> => {
  const { source, path } = wanted[0]!;
  const all = messagesIn(readFileSync(join(corpora, source, path)), path)
    .map(({ bytes }) => bytes)
    .filter((bytes) => bytes.subarray(0, 3).toString('latin1') === 'MSH');
  const folder = mkdtempSync(join(tmpdir(), 'throughline-corpora-'));
  const stream = join(folder, 'stream.hl7s');
  const messages = wanted.map(({ idx }) => all[idx]).filter((message) => message !== undefined);
  writeFileSync(stream, Buffer.concat(messages.flatMap((message) => [message, Buffer.from('\r\n\r\n')])));
  const system = await System.start('embedded');
  try {
    const sent = await throughline(['send', '--host', '127.0.0.1', '--port', String(system.mllpPort), '--allow-nack', '--journal', join(folder, 'journal'), stream]);
    const check = await throughline(['check', '--home', system.home, '--settle', '60', '--journal', join(folder, 'journal')]);
    const rows = await ledgerOf(system);
    const a03 = rows.filter((row) => row.trigger === 'A03' && row.outcome !== 'quarantined');
    return {
      source,
      path,
      sent: messages.length,
      summary: sent.last,
      nacks: sent.output.split('\n').filter((line) => /\b(AE|AR)\b/.test(line) && line !== sent.last),
      rows,
      a03: wanted.filter(({ type }) => type === 'ADT^A03').length,
      check: check.last,
      faults: [
        ...(messages.length === wanted.length ? [] : [`${wanted.length - messages.length} of its messages were not found in the file`]),
        ...(check.code === 0 ? [] : [`check: ${check.last}`]),
        ...a03.filter((row) => !OUTCOMES_OF_A03.has(row.outcome)).map((row) => `an A03 ended as ${row.outcome} ${row.reason ?? ''}`),
        ...a03.filter((row) => row.outcome === 'discharge' && !(row.dischargedAt && row.timeSource)).map((row) => `discharge ${row.id} has no time or no source of it`),
        ...((await system.call('GET', '/readyz')).status === 200 ? [] : ['not ready at the end']),
      ],
    };
  } finally {
    await system.discard();
    rmSync(folder, { recursive: true, force: true });
  }
};

const counted = (values: readonly string[]): Record<string, number> => values.reduce<Record<string, number>>((counts, value) => ({ ...counts, [value]: (counts[value] ?? 0) + 1 }), {});
const words = (counts: Record<string, number>): string => Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ') || '-';

const summarise = (results: readonly FileResult[]) =>
  [...new Set(results.map((result) => result.source))].map((source) => {
    const files = results.filter((result) => result.source === source);
    const number = (name: string): number => files.reduce((sum, file) => sum + Number(new RegExp(`\\b${name} (\\d+)`).exec(file.summary)?.[1] ?? 0), 0);
    const rows = files.flatMap((file) => file.rows);
    const a03 = rows.filter((row) => row.trigger === 'A03');
    return {
      source,
      files: files.length,
      sent: files.reduce((sum, file) => sum + file.sent, 0),
      AA: number('AA'),
      AE: number('AE'),
      AR: number('AR'),
      unanswered: number('unanswered'),
      reasons: files.flatMap((file) => file.nacks),
      outcomes: counted(rows.map((row) => (row.reason && row.outcome === 'not-followed-up' ? `${row.outcome} (${row.reason})` : row.outcome))),
      a03Sent: files.reduce((sum, file) => sum + file.a03, 0),
      a03Outcomes: counted(a03.map((row) => (row.reason && row.outcome === 'not-followed-up' ? `${row.outcome} (${row.reason})` : row.outcome))),
      a03TimeSources: counted(a03.map((row) => row.timeSource ?? 'none')),
      faults: files.flatMap((file) => file.faults.map((fault) => `${file.path}: ${fault}`)),
    };
  });

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { only: { type: 'string' }, corpora: { type: 'string', default: join(root, '../shared/corpora') }, json: { type: 'string' } } });
  if (!existsSync(join(values.corpora, 'messages.tsv'))) {
    console.error(`No messages.tsv in ${values.corpora}: name the folder with --corpora DIR.`);
    return 2;
  }
  const files = Object.values(Object.groupBy(wantedOf(values.corpora, values.only), ({ source, path }) => `${source}/${path}`)).filter((group) => group !== undefined);
  const results: FileResult[] = [];
  for (const [index, file] of files.entries()) {
    process.stdout.write(`[${index + 1}/${files.length}] ${file[0]!.source}/${file[0]!.path}: ${file.length} messages ... `);
    const result = await runFile(values.corpora, file);
    results.push(result);
    console.log(`${result.summary}; ${result.check}${result.faults.map((fault) => `\n    ! ${fault}`).join('')}`);
  }
  const table = summarise(results);
  console.log('\n| source | files | sent | AA | AE | AR | unanswered | outcomes | A03: outcomes | A03: time from |\n|---|---|---|---|---|---|---|---|---|---|');
  for (const row of table) console.log(`| ${row.source} | ${row.files} | ${row.sent} | ${row.AA} | ${row.AE} | ${row.AR} | ${row.unanswered} | ${words(row.outcomes)} | ${words(row.a03Outcomes)} | ${words(row.a03TimeSources)} |`);
  for (const row of table) for (const line of [...row.reasons, ...row.faults]) console.log(`  ${row.source}: ${line}`);
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ sources: table, files: results }, null, 2)}\n`);
  return table.some((row) => row.faults.length > 0 || row.unanswered > 0) ? 1 : 0;
};

process.exitCode = await main();
