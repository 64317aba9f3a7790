// What lint forbids in the sources beyond what its rules come with.
import { Linter, type Linter as Types } from 'eslint';
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
