// How the tests of `npm test` and `npm run test:long` share processes (compile-tests.mjs).
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The test files of each process below the folder. */
async function processesOf(folder: 'run' | 'long'): Promise<readonly (readonly string[])[]> {
  const names = await readdir(join(ROOT, '.test-build', folder), { recursive: true });
  return Promise.all(
    names
      .filter((name) => name.endsWith('.test.js'))
      .map(async (name) => {
        const text = await readFile(join(ROOT, '.test-build', folder, name), 'utf8');
        const imported = [...text.matchAll(/^await import\('(.+)'\);$/gm)].map(([, path]) => path ?? '');
        return imported.map((path) => join(folder, dirname(name), path).replace(/\.js$/, '.ts'));
      }),
  );
}

const isLong = (name: string): boolean => name.endsWith('.long.test.ts');

await t.test('every test file runs in one of the two, once', async (t) => {
  const names = await readdir(join(ROOT, 'test'), { recursive: true });
  const files = names.filter((name) => name.endsWith('.test.ts')).map((name) => join('test', name));
  const [run, long] = await Promise.all([processesOf('run'), processesOf('long')]);
  t.strictSame(run.flat().sort(), files.filter((file) => !isLong(file)).sort());
  t.strictSame(long.flat().sort(), files.filter(isLong).sort());
});

/** The files that `.test-build/NAME.test.js` starts, in their order. */
async function startedBy(name: string): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, '.test-build', `${name}.test.js`), 'utf8');
  return JSON.parse(/^runProcesses\((.+)\);$/m.exec(text)?.[1] ?? 'null') as string[];
}

await t.test('no process follows its promises', async (t) => {
  for (const name of ['run/policy/together-1.test.js', 'long/crash/chaos.test.js']) {
    t.match(await readFile(join(ROOT, '.test-build', name), 'utf8'), /^import '\S+\/unfollowed-promises\.js';\n/);
  }
});

await t.test('each process is started, and those of long forms before all others', async (t) => {
  const [run, long, all] = await Promise.all(['run', 'long', 'all'].map(startedBy));
  for (const [folder, started] of Object.entries({ run, long })) {
    const names = await readdir(join(ROOT, '.test-build', folder), { recursive: true });
    const files = names.filter((name) => name.endsWith('.test.js')).map((name) => join(folder, name));
    t.strictSame([...(started ?? [])].sort(), files.sort());
  }
  t.strictSame(all, [...(long ?? []), ...(run ?? [])]);
});

await t.test('who shares a process is of one folder, and sets nothing for all its tests', async (t) => {
  const shared = (await processesOf('run')).filter((files) => files.length > 1);
  t.ok(shared.length > 20);
  for (const files of shared) {
    t.equal(new Set(files.map((file) => dirname(file))).size, 1, files.join());
    const texts = await Promise.all(files.map((file) => readFile(join(ROOT, file), 'utf8')));
    const setting = files.filter((_, index) => /^t\.(?!test\()/m.test(texts[index] ?? ''));
    t.strictSame(setting, []);
  }
});
