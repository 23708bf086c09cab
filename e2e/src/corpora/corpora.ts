import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '@throughline/testing/system';
import { answersRun, type AnswersResult } from './answers.js';
import { ccdaRun, type CcdaResult } from './ccda.js';
import { emapRun, type EmapResult } from './emap.js';
import { fhirRun, type FhirResult } from './fhir.js';
import { lifecycleRun, shuffled, type LifecycleResult } from './lifecycle.js';
import { messagesOf, openMessages } from './open-messages.js';

const USAGE = `npm run corpora -- [options]

Sends real messages of public sources to fresh embedded systems and says what became of them.
  --corpora DIR    the folder that holds messages.tsv (../shared/corpora)
  --only PART      answers, lifecycle, emap, ccda or fhir
  --json FILE      writes everything that was found to this file`;

const LIFECYCLE = 'simhospital-run/lifecycle-newyork.hl7s';

const words = (counts: Readonly<Record<string, number>>): string => Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(', ') || '-';

const sayAnswers = ({ form, classes, retrievable, addedByRepeat, check, faults }: AnswersResult): void => {
  console.log(`\n## Answers, messages ${form}\n\n| class | sent | answers | not as they should be |\n|---|---|---|---|`);
  for (const one of classes) console.log(`| ${one.klass} | ${one.sent} | ${words(one.codes)} | ${one.faults.length} |`);
  console.log(`\n${retrievable} well-formed messages got back to the byte; sending everything again added ${addedByRepeat} events; ${check}`);
  for (const fault of [...classes.flatMap((one) => one.faults), ...faults]) console.log(`  ! ${fault}`);
};

const sayLifecycle = (results: readonly LifecycleResult[]): void => {
  console.log('\n## Lifecycle\n\n| order | open follow-ups | by pathway | outcomes |\n|---|---|---|---|');
  for (const one of results) console.log(`| ${one.order} | ${one.open} | ${words(one.byPathway)} | ${words(one.outcomes)} |`);
  for (const { order, faults } of results) for (const fault of faults) console.log(`  ! ${order}: ${fault}`);
};

const sayEmap = ({ compared, fields, differences, faults }: EmapResult): void => {
  console.log(`\n## Another project's reading\n\n${compared} messages, ${fields} fields compared (identifiers, visit, discharge), ${differences.length + faults.length} read otherwise`);
  for (const difference of differences) console.log(`  ${difference}`);
  for (const fault of faults) console.log(`  ! ${fault}`);
};

const sayCcda = ({ documents, parts, facts, faults }: CcdaResult): void => {
  console.log(`\n## C-CDA\n\n${documents} documents read: ${words(facts)}; ${parts} parts of documents refused`);
  for (const fault of faults) console.log(`  ! ${fault}`);
};

const sayFhir = (found: FhirResult | undefined): void => {
  if (!found) return console.log('\n## FHIR\n\nNo FHIR files in the folder.');
  const { files, taken, refused, outcomes, addedByRepeat, check, faults } = found;
  console.log(`\n## FHIR\n\n${files} files: taken ${words(taken)}; refused ${refused.length}; outcomes ${words(outcomes)}; posting everything again added ${addedByRepeat} events; ${check}`);
  for (const one of refused) console.log(`  ${one}`);
  for (const fault of faults) console.log(`  ! ${fault}`);
};

const lifecycle = async (corpora: string): Promise<readonly LifecycleResult[]> => {
  if (!existsSync(join(corpora, LIFECYCLE))) return [];
  const stream = messagesOf(corpora, LIFECYCLE).map(({ withCr }) => withCr);
  return [...(await lifecycleRun(stream, 'as sent')), ...(await lifecycleRun(shuffled(stream, 20_250_309), 'shuffled within ten minutes'))];
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options: { corpora: { type: 'string', default: join(root, '../shared/corpora') }, only: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false } } });
  if (values.help || (values.only !== undefined && !['answers', 'lifecycle', 'emap', 'ccda', 'fhir'].includes(values.only))) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  if (!existsSync(join(values.corpora, 'messages.tsv'))) {
    console.error(`No messages.tsv in ${values.corpora}: name the folder with --corpora DIR.`);
    return 2;
  }
  const wanted = (part: string): boolean => values.only === undefined || values.only === part;
  const { messages, missing } = openMessages(values.corpora);
  for (const name of missing) console.log(`  ! ${name} is not in its file`);
  const answers: AnswersResult[] = [];
  if (wanted('answers')) {
    for (const form of ['as found', 'with CR'] as const) {
      console.log(`Sending ${messages.length} messages ${form} ...`);
      answers.push(await answersRun(messages, form));
      sayAnswers(answers.at(-1)!);
    }
  }
  const ends = wanted('lifecycle') ? await lifecycle(values.corpora) : [];
  if (ends.length > 0) sayLifecycle(ends);
  const emap = wanted('emap') ? emapRun(values.corpora) : undefined;
  if (emap) sayEmap(emap);
  const ccda = wanted('ccda') ? ccdaRun(values.corpora) : undefined;
  if (ccda) sayCcda(ccda);
  const fhir = wanted('fhir') ? await fhirRun(values.corpora) : undefined;
  if (wanted('fhir')) sayFhir(fhir);
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ answers, lifecycle: ends, emap, ccda, fhir }, null, 2)}\n`);
  const faults = missing.length + answers.flatMap((one) => [...one.classes.flatMap((some) => some.faults), ...one.faults]).length + ends.flatMap((one) => one.faults).length + (emap?.faults.length ?? 0) + (ccda?.faults.length ?? 0) + (fhir?.faults.length ?? 0);
  console.log(`\n${faults === 0 ? 'All as it should be.' : `${faults} are not as they should be.`}`);
  return faults === 0 ? 0 : 1;
};

process.exitCode = await main();
