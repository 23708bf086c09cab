// Lints the probes given on standard input ([{ file, text }]) with the repository's own rules and prints, for each, the
// messages found. A process of its own: ESLint loads its configuration natively, outside the test runner's module system.
import { ESLint } from 'eslint';

const root = new URL('../../', import.meta.url).pathname;
let input = '';
for await (const chunk of process.stdin) input += chunk;
const eslint = new ESLint({
  cwd: root,
  overrideConfig: {
    languageOptions: { parserOptions: { projectService: false } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
    },
  },
});
const answers = [];
for (const { file, text } of JSON.parse(input)) {
  const [result] = await eslint.lintText(text, { filePath: root + file });
  answers.push(result.messages.map((message) => ({ rule: message.ruleId, message: message.message })));
}
console.log(JSON.stringify(answers));
