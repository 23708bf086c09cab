import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A fence without an example that it catches is decoration: every rule of the house has a bad line here. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const domain = 'apps/care-plan/src/domain/probe-room.ts';
const application = 'apps/care-plan/src/application/probe-room.ts';
const http = 'apps/care-plan/src/adapters/http/probe-room.ts';

const probes: readonly { name: string; file: string; text: string; rule: string; says: RegExp }[] = [
  { name: 'a framework in a domain room', file: domain, text: "import { Injectable } from '@nestjs/common';\nexport const x = Injectable;", rule: 'no-restricted-imports', says: /no framework/ },
  { name: 'TypeORM in a domain room', file: domain, text: "import { Entity } from 'typeorm';\nexport const x = Entity;", rule: 'no-restricted-imports', says: /no framework/ },
  { name: 'the platform in a domain room', file: domain, text: "import { Bell } from '@throughline/platform/runner/bell';\nexport const x = Bell;", rule: 'no-restricted-imports', says: /imports itself/ },
  { name: 'an outward arrow from the domain', file: domain, text: "import { x as y } from '../application/open-episode.js';\nexport const x = y;", rule: 'no-restricted-imports', says: /point inward/ },
  { name: 'the file system in a domain room', file: domain, text: "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;", rule: 'no-restricted-imports', says: /no I\/O/ },
  { name: 'new Date() in a domain room', file: domain, text: 'export const x = () => new Date();', rule: 'no-restricted-syntax', says: /rim/ },
  { name: 'Date.now() in a domain room', file: domain, text: 'export const x = () => Date.now();', rule: 'no-restricted-syntax', says: /rim/ },
  { name: 'Math.random() in a domain room', file: domain, text: 'export const x = () => Math.random();', rule: 'no-restricted-syntax', says: /randomness/ },
  { name: 'randomUUID() in a domain room', file: domain, text: "import { randomUUID } from 'node:crypto';\nexport const x = () => randomUUID();", rule: 'no-restricted-syntax', says: /made from facts/ },
  { name: 'the environment in a domain room', file: domain, text: "export const x = process.env['X'];", rule: 'no-restricted-syntax', says: /config\.ts/ },
  { name: 'an async function in a domain room', file: domain, text: 'export const x = async () => 1;', rule: 'no-restricted-syntax', says: /no I\/O/ },
  { name: 'a decorator in a domain room', file: domain, text: 'const d = (c: unknown) => void c;\n@d\nexport class X {}', rule: 'no-restricted-syntax', says: /Decorators/ },
  { name: 'a domain file over 200 lines', file: domain, text: Array.from({ length: 201 }, (_, i) => `export const x${i} = ${i};`).join('\n'), rule: 'max-lines', says: /200/ },
  { name: 'the clock in the kernel', file: 'libs/kernel/src/probe-room.ts', text: 'export const x = () => Date.now();', rule: 'no-restricted-syntax', says: /rim/ },
  { name: 'Nest in a use-case', file: application, text: "import { Injectable } from '@nestjs/common';\nexport const x = Injectable;", rule: 'no-restricted-imports', says: /its ports/ },
  { name: 'the platform in a use-case', file: application, text: "import { Bell } from '@throughline/platform/runner/bell';\nexport const x = Bell;", rule: 'no-restricted-imports', says: /through its ports/ },
  { name: 'an adapter in a use-case', file: application, text: "import { x as y } from '../adapters/http/tasks.js';\nexport const x = y;", rule: 'no-restricted-imports', says: /no adapter/ },
  { name: 'a use-case over 100 lines', file: application, text: Array.from({ length: 101 }, (_, i) => `export const x${i} = ${i};`).join('\n'), rule: 'max-lines', says: /100/ },
  { name: 'another adapter in an adapter', file: http, text: "import { x as y } from '../postgres/task-row.js';\nexport const x = y;", rule: 'no-restricted-imports', says: /no other adapter/ },
  { name: 'the environment in an adapter', file: http, text: "export const x = process.env['X'];", rule: 'no-restricted-syntax', says: /config\.ts/ },
  { name: 'test code in an adapter', file: http, text: "import { testDatabase } from '@throughline/testing/test-database';\nexport const x = testDatabase;", rule: 'no-restricted-imports', says: /stays in tests/ },
  { name: 'the environment in a module', file: 'apps/care-plan/src/care-plan.module.ts', text: "export const x = process.env['X'];", rule: 'no-restricted-syntax', says: /config\.ts/ },
  { name: 'a service that imports a service', file: application, text: "import { x as y } from '@throughline/intake/config';\nexport const x = y;", rule: '@nx/enforce-module-boundaries', says: /type:service/ },
  { name: 'contracts that import the platform', file: 'libs/contracts/src/probe-room.ts', text: "import { Bell } from '@throughline/platform/runner/bell';\nexport const x = Bell;", rule: '@nx/enforce-module-boundaries', says: /type:contracts|Circular/ },
  { name: 'a kernel that imports the contracts', file: 'libs/kernel/src/probe-room.ts', text: "import { flow } from '@throughline/contracts/flow';\nexport const x = flow;", rule: '@nx/enforce-module-boundaries', says: /type:kernel|Circular/ },
  { name: 'any', file: domain, text: 'export const x = (y: any) => y as unknown;', rule: '@typescript-eslint/no-explicit-any', says: /any/ },
  { name: 'a file called utils', file: 'apps/care-plan/src/domain/utils.ts', text: 'export const x = 1;', rule: 'names/file-name', says: /says nothing/ },
  { name: 'a barrel', file: 'apps/care-plan/src/domain/index.ts', text: 'export const x = 1;', rule: 'names/file-name', says: /says nothing/ },
  { name: 'a camelCase file', file: 'apps/care-plan/src/domain/carePlan.ts', text: 'export const x = 1;', rule: 'names/file-name', says: /kebab-case/ },
  { name: 'a function over 70 lines', file: http, text: `export const x = () => {\n${Array.from({ length: 71 }, (_, i) => `  console.log(${i});`).join('\n')}\n};`, rule: 'max-lines-per-function', says: /70/ },
];

interface Message {
  rule: string;
  message: string;
}

const lint = async (input: readonly { file: string; text: string }[]): Promise<Message[][]> => {
  const child = spawn('node', [`${root}e2e/test/lint-probes.mjs`], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(input));
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  return JSON.parse(output.slice(output.indexOf('[['))) as Message[][];
};

describe('the fences of the house', () => {
  let caught: Message[][];
  let room: string;
  beforeAll(async () => {
    room = mkdtempSync(`${root}e2e/test/cycle-`);
    writeFileSync(`${room}/one.ts`, "import { two } from './two.js';\nexport const one = (): number => two();\n");
    writeFileSync(`${room}/two.ts`, "import { one } from './one.js';\nexport const two = (): number => one();\n");
    caught = await lint([...probes, { file: `${room.slice(root.length)}/one.ts`, text: "import { two } from './two.js';\nexport const one = (): number => two();\n" }]);
  }, 120_000);
  afterAll(() => rmSync(room, { recursive: true, force: true }));

  it.each(probes.map((probe, index) => ({ ...probe, index })))('catch $name', ({ index, rule, says }) => {
    expect(caught[index]).toEqual(expect.arrayContaining([{ rule, message: expect.stringMatching(says) as unknown }]));
  });

  it('catch two files that import each other', () => {
    expect(caught.at(-1)?.map((message) => message.rule)).toContain('import-x/no-cycle');
  });
});

describe('the projects', () => {
  const projects = ['apps', 'libs'].flatMap((folder) => readdirSync(root + folder).map((name) => `${folder}/${name}`)).concat('e2e', 'bench');

  it.each(projects)('%s has a type and a scope: a tag without a rule is a project without a fence', (project) => {
    const { nx } = JSON.parse(readFileSync(`${root}${project}/package.json`, 'utf8')) as { nx?: { tags?: string[] } };
    expect(nx?.tags).toEqual([expect.stringMatching(/^type:/), expect.stringMatching(/^scope:/)]);
    const type = nx?.tags?.[0] ?? '';
    expect(readFileSync(`${root}eslint.config.mjs`, 'utf8')).toContain(`sourceTag: '${type}'`);
  });
});
