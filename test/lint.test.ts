// What lint forbids in the sources beyond what its rules come with.
import { readFile } from 'node:fs/promises';
import { ESLint, Linter, type Linter as Types } from 'eslint';
import t from 'tap';
import tseslint from 'typescript-eslint';

const { default: configs } = (await import(new URL('../eslint.config.js', import.meta.url).href)) as {
  default: readonly Types.Config[];
};

/** Messages about a file of src with this content, of one rule alone. */
function complaintsAbout(code: string, rule: string): string[] {
  const ofSources = configs.find(
    ({ files, rules }) => files?.includes('src/**') === true && rules?.[rule] !== undefined,
  );
  const config = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser as Types.Parser },
    rules: { [rule]: ofSources?.rules?.[rule] ?? 'off' },
  };
  return new Linter().verify(code, [config], 'src/some-file.ts').map(({ message }) => message);
}

void t.test('no expression is compiled from anything that is not a literal', (t) => {
  const forbidden = [
    'new RegExp(pattern);',
    'RegExp(pattern);',
    'new globalThis.RegExp(pattern, "u");',
    'new RegExp(`^${pattern}$`);',
    'new RegExp("^" + pattern);',
    'new RegExp("a", flags);',
    'name.match(pattern);',
    'name.match("a+");',
    'name.matchAll(pattern);',
    'name.search(`${pattern}`);',
    'const Compiled = RegExp;',
  ];
  for (const code of forbidden) t.match(complaintsAbout(code, 'no-restricted-syntax'), [/RE2/], code);
  const allowed = ['/^a+$/.test(name);', 'new RegExp("^a$", "u");', 'name.match(/a/);', 'match.test(label);'];
  for (const code of allowed) t.strictSame(complaintsAbout(code, 'no-restricted-syntax'), [], code);
  t.end();
});

/** Lint results for an import in a file of src, which need not exist. */
async function complaintsAboutImport(file: string, imported: string): Promise<string[]> {
  const { rules } = (await new ESLint().calculateConfigForFile(file)) as Types.Config;
  const config = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser as Types.Parser },
    rules: { 'no-restricted-imports': rules?.['no-restricted-imports'] ?? 'off' },
  };
  const code = `import type { Something } from '${imported}';`;
  return new Linter().verify(code, [config], file).map(({ message }) => message);
}

/** Of the map in src/README.md. */
async function foldersOfKind(kind: string): Promise<string[]> {
  const rows = (await readFile('src/README.md', 'utf8')).matchAll(/^\| `([a-z-]+)` +\| ([a-z]+) +\|/gm);
  return [...rows].flatMap(([, folder, its]) => (folder !== undefined && its === kind ? [folder] : []));
}

void t.test('at most one of two edge folders may import the other, and none the code that composes them', async (t) => {
  const edges = await foldersOfKind('edge');
  t.ok(edges.length > 8, edges.join(', '));
  const mayImport = async (one: string, other: string): Promise<boolean> =>
    (await complaintsAboutImport(`src/${one}/some-file.ts`, `../${other}/some-file.js`)).length === 0;
  for (const [index, one] of edges.entries()) {
    t.notOk(await mayImport(one, 'control-loop'), `${one} and what composes it`);
    for (const other of edges.slice(index + 1)) {
      const both = await Promise.all([mayImport(one, other), mayImport(other, one)]);
      t.equal(both.filter(Boolean).length, 1, `${one} and ${other}`);
    }
  }
  t.ok(await mayImport('config', 'webhooks'));
  t.match(await complaintsAboutImport('src/webhooks/flink/some-file.ts', '../../config/configuration.js'), [
    /before it/,
  ]);
});

void t.test('a type of webhook knows no other, and only their list knows them', async (t) => {
  for (const imported of ['../generic/generic-call.js', '../webhook-types.js', '../webhook-sender.js']) {
    t.match(await complaintsAboutImport('src/webhooks/flink/some-file.ts', imported), [/A type of webhook/], imported);
  }
  t.match(await complaintsAboutImport('src/webhooks/webhook-sender.ts', './flink/flink-call.js'), [
    /Only webhook-types/,
  ]);
  t.strictSame(await complaintsAboutImport('src/webhooks/webhook-types.ts', './flink/flink-webhook.js'), []);
  t.strictSame(await complaintsAboutImport('src/webhooks/flink/some-file.ts', '../webhook-call.js'), []);
});
