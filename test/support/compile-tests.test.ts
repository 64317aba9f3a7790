// How the tests that `npm test` runs share processes (compile-tests.mjs).
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RUN = join(ROOT, '.test-build/run');

/** The test files of each process. */
async function processes(): Promise<readonly (readonly string[])[]> {
  const names = await readdir(RUN, { recursive: true });
  return Promise.all(
    names
      .filter((name) => name.endsWith('.test.js'))
      .map(async (name) => {
        const text = await readFile(join(RUN, name), 'utf8');
        const imported = [...text.matchAll(/^await import\('(.+)'\);$/gm)].map(([, path]) => path ?? '');
        const compiled = imported.map((path) => relative(join(ROOT, '.test-build'), join(RUN, dirname(name), path)));
        return compiled.map((path) => path.replace(/\.js$/, '.ts'));
      }),
  );
}

await t.test('every test file runs once, except for long forms', async (t) => {
  const names = await readdir(join(ROOT, 'test'), { recursive: true });
  const written = names.filter((name) => name.endsWith('.test.ts') && !name.endsWith('.long.test.ts'));
  t.strictSame((await processes()).flat().sort(), written.map((name) => join('test', name)).sort());
});

await t.test(
  'a file that sets its own timeout shares no process, and others share one with their folder',
  async (t) => {
    for (const files of await processes()) {
      t.equal(new Set(files.map((file) => dirname(file))).size, 1, files[0]);
      if (files.length === 1) continue;
      const texts = await Promise.all(files.map((file) => readFile(join(ROOT, file), 'utf8')));
      const own = files.filter((_, index) => /^t\./m.test(texts[index]?.replaceAll(/^t\.test\(/gm, '') ?? ''));
      t.strictSame(own, []);
    }
  },
);
