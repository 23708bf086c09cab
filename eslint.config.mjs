import nx from '@nx/eslint-plugin';
import importX from 'eslint-plugin-import-x';
import { createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** What a room may never import, by name. `regex`, not `group`: gitignore syntax would also match `../adapters/typeorm`. */
const ban = (regex, message) => ({ regex, message });
const FRAMEWORKS = '^(@nestjs/|typeorm|pg$|pg/|kafkajs|bullmq|ioredis|fastify|@fastify/|nodemailer|class-validator|class-transformer|rxjs|pino|prom-client)';

const impure = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time enters at the rim: take it as an argument.' },
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Time enters at the rim: take it as an argument.' },
  { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: 'No randomness in a domain room.' },
  { selector: "CallExpression[callee.name='randomUUID'], CallExpression[callee.property.name='randomUUID']", message: 'Ids are made from facts, or come in as arguments.' },
  { selector: "MemberExpression[object.name='process'][property.name='env']", message: 'Only config.ts reads the environment.' },
  { selector: 'Decorator', message: 'Decorators belong to adapters.' },
  { selector: ':function[async=true]', message: 'A domain room does no I/O, so nothing in it is async.' },
];
const environment = impure.filter((rule) => rule.selector.includes("'env'"));

const size = (max) => ({ 'max-lines': ['error', { max, skipBlankLines: true, skipComments: true }], 'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true, IIFEs: true }] });

const BANNED_NAMES = /(^|\/)(utils?|helpers?|common|shared|misc|base|manager|types|index)\.tsx?$/;
const names = {
  rules: {
    'file-name': {
      meta: { type: 'suggestion', schema: [] },
      create: (context) => ({
        Program(node) {
          const file = context.filename.replaceAll('\\', '/');
          if (BANNED_NAMES.test(file)) context.report({ node, message: 'This name says nothing: call the file after the noun or the verb-noun it holds.' });
          else if (!/(^|\/)[a-z0-9]+([-.][a-z0-9]+)*\.(tsx?|mjs)$/.test(file.slice(file.lastIndexOf('/') + 1))) context.report({ node, message: 'File names are kebab-case.' });
        },
      }),
    },
  },
};

const SERVICES = 'apps/{intake,care-plan,medication-reconciliation,scheduling,notification}';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/generated/**', '**/*.mjs', '**/*.config.ts', '.nx/**'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommended],
    plugins: { '@nx': nx, 'import-x': importX, names },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx', '.js'], extensionAlias: { '.js': ['.ts', '.tsx', '.js'] }, conditionNames: ['@throughline/source', 'node', 'import', 'default'] })], 'import-x/extensions': ['.ts', '.tsx'] , 'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] } },
    rules: {
      'names/file-name': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          // The port contract suites live in testing and are run by platform's own tests; nothing in platform/src may import testing.
          ignoredCircularDependencies: [['@throughline/platform', '@throughline/testing']],
          depConstraints: [
            { sourceTag: 'type:kernel', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'type:contracts', onlyDependOnLibsWithTags: ['type:kernel'] },
            { sourceTag: 'type:platform', onlyDependOnLibsWithTags: ['type:kernel', 'type:contracts', 'type:testing', 'type:local-servers'] },
            { sourceTag: 'type:local-servers', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:kernel', 'type:contracts', 'type:platform', 'type:local-servers'] },
            { sourceTag: 'type:service', onlyDependOnLibsWithTags: ['type:kernel', 'type:contracts', 'type:platform', 'type:testing'] },
            { sourceTag: 'type:program', onlyDependOnLibsWithTags: ['type:kernel', 'type:contracts', 'type:platform', 'type:service', 'type:local-servers', 'type:testing'] },
            { sourceTag: 'type:console', onlyDependOnLibsWithTags: ['type:kernel', 'type:contracts'] },
            { sourceTag: 'type:e2e', onlyDependOnLibsWithTags: ['type:kernel', 'type:contracts', 'type:platform', 'type:service', 'type:program', 'type:testing', 'type:local-servers'] },
            { sourceTag: 'type:bench', onlyDependOnLibsWithTags: ['type:kernel', 'type:contracts', 'type:platform', 'type:service', 'type:program', 'type:testing', 'type:local-servers'] },
          ],
        },
      ],
      ...size(250),
    },
  },
  // One block per room: a later block replaces an earlier one's rule of the same name.
  {
    files: [`${SERVICES}/src/domain/**/*.ts`, 'libs/kernel/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ban(FRAMEWORKS, 'A domain room knows no framework.'),
            ban('^@throughline/(platform|testing|local-servers)', 'A domain room imports itself, the kernel and the types of the contracts.'),
            ban('(^|/)(application|adapters)/', 'Arrows point inward: the domain knows neither use-cases nor adapters.'),
            ban('^(node:)?(fs|net|http|https|child_process|worker_threads)', 'A domain room does no I/O.'),
          ],
        },
      ],
      'no-restricted-syntax': ['error', ...impure],
      ...size(200),
    },
  },
  // The rim of the kernel: the one place that reads the wall clock.
  { files: ['libs/kernel/src/clock.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: [`${SERVICES}/src/application/**/*.ts`],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ban(FRAMEWORKS, 'A use-case touches its ports, nothing else.'),
            ban('^@throughline/(platform|testing|local-servers)', 'A use-case sees the platform only through its ports.'),
            ban('(^|/)adapters/', 'Arrows point inward: a use-case knows no adapter.'),
          ],
        },
      ],
      'no-restricted-syntax': ['error', ...impure.filter((rule) => !rule.selector.startsWith(':function'))],
      ...size(100),
    },
  },
  ...['http', 'events', 'postgres', 'jobs', 'hl7v2', 'fhir', 'sms', 'email', 'webhook', 'kafka-ingress', 'ccda'].map((room) => ({
    files: [`${SERVICES}/src/adapters/${room}/**/*.ts`],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ban(`(^|/)adapters/(?!${room}/)`, 'An adapter knows no other adapter: the module wires them.'),
            ban(`^\\.\\./(?!\\.\\./)(?!${room}/)(http|events|postgres|jobs|hl7v2|fhir|sms|email|webhook|kafka-ingress|ccda)/`, 'An adapter knows no other adapter: the module wires them.'),
            ban('^@throughline/(testing|local-servers)', 'Test code stays in tests.'),
          ],
        },
      ],
      'no-restricted-syntax': ['error', ...environment],
    },
  })),
  {
    files: [`${SERVICES}/src/*.module.ts`],
    rules: { 'no-restricted-syntax': ['error', ...environment], 'no-restricted-imports': ['error', { patterns: [ban('^@throughline/(testing|local-servers)', 'Test code stays in tests.')] }] },
  },
  {
    files: ['**/*.spec.ts', '**/test/**/*.ts', 'libs/testing/**/*.ts', 'e2e/**/*.ts'],
    rules: { ...size(400), 'max-lines-per-function': 'off', '@typescript-eslint/no-misused-promises': 'off' },
  },
  { files: ['**/migrations/**/*.ts'], rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' } },
);
