// Compiles the tests once, for all their processes: test/ and grafana/src/ to .test-build/, where `src` leads to dist/, the
// product. There a file's `import.meta.url` is that of its source, so that what it reads beside itself is found. A single file
// runs from its source (load-typescript.mjs).
//
// `npm test` runs .test-build/run/ and `npm run test:long` .test-build/long/, one process for each of their files
// (run-processes.ts). A process takes longer to start than most tests to run, so the tests of a folder share one. A file that uses
// tap's root test itself, for example for a timeout of its own, shares none, and no long form does.
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL, URL } from 'node:url';
import { transform } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUTPUT = join(ROOT, '.test-build');
/** The page's scripts are compiled by themselves, to dist/page/. */
const PAGE_IMPORT = /( from '(?:\.\.\/)+src\/)(http\/page\/browser\/)/g;
const LONG = '.long.test.js';
/** What each process imports before its tests. */
const FIRST = join(OUTPUT, 'test/support/unfollowed-promises.js');
/** A line outside of any test that does more with the root test than to add one: `t.setTimeout(…)`, `await folderFor(t)`. */
const USE_OF_ROOT_TEST =
  /^(?=\S)(?!(?:await |void )?t\.test\(|import |\/\/|(?:export )?(?:async )?function )(?!.*=>).*\bt[.,)]/m;
/** A process with more files than these is not worth the wait for its last one. */
const MOST_FILES_TOGETHER = 12;

await rm(OUTPUT, { recursive: true, force: true });
await mkdir(OUTPUT, { recursive: true });
await symlink('../dist', join(OUTPUT, 'src'));
const sources = [];
for (const folder of ['test', 'grafana/src']) {
  const names = await readdir(join(ROOT, folder), { recursive: true });
  sources.push(...names.filter((name) => name.endsWith('.ts')).map((name) => join(ROOT, folder, name)));
}
const compiled = await Promise.all(sources.map(compile));
const processes = shareProcesses(compiled.filter(({ target }) => target.endsWith('.test.js')));
for (const [file, tests] of processes) {
  const pathOf = (module) => relative(dirname(join(OUTPUT, file)), module);
  const imports = tests.map((test) => `await import('${pathOf(test)}');\n`);
  await write(join(OUTPUT, file), [`import '${pathOf(FIRST)}';\n`, ...imports].join(''));
}
const [long, run] = ['long', 'run'].map((form) => [...processes.keys()].filter((file) => file.startsWith(`${form}/`)));
await writeEntry('run', run);
await writeEntry('long', long);
// The long forms wait most of their time, so they begin first, and the others run meanwhile.
await writeEntry('all', [...long, ...run]);

/** What tap itself runs. */
async function writeEntry(name, files) {
  const text = `import { runProcesses } from './test/support/run-processes.js';\nrunProcesses(${JSON.stringify(files)});\n`;
  await write(join(OUTPUT, `${name}.test.js`), text);
}

async function compile(source) {
  const target = join(OUTPUT, relative(ROOT, source)).replace(/\.ts$/, '.js');
  const text = await readFile(source, 'utf8');
  const { code } = await transform(text.replaceAll(PAGE_IMPORT, '$1page/$2'), {
    loader: 'ts',
    target: 'es2022',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(resolve(source)).href) },
  });
  await write(target, code);
  return { target, text };
}

/** The files of each process, by the name of its own file. */
function shareProcesses(tests) {
  const processes = new Map();
  const together = {};
  const bytes = new Map(tests.map(({ target, text }) => [target, text.length]));
  for (const { target, text } of tests) {
    const name = relative(join(OUTPUT, 'test'), target);
    if (name.endsWith(LONG)) processes.set(join('long', name.replace(LONG, '.test.js')), [target]);
    else if (USE_OF_ROOT_TEST.test(text)) processes.set(join('run', name), [target]);
    else (together[dirname(name)] ??= []).push(target);
  }
  const shared = Object.entries(together).flatMap(([folder, targets]) => {
    const count = Math.ceil(targets.length / MOST_FILES_TOGETHER);
    const size = Math.ceil(targets.length / count);
    return Array.from({ length: count }, (_, index) => {
      const file = join('run', folder, `together-${index + 1}.test.js`);
      return [file, targets.slice(index * size, (index + 1) * size)];
    });
  });
  // The last ones to start are short, so that no core waits for the end of one.
  for (const [file, targets] of shared.sort(([, one], [, other]) => bytesOf(other) - bytesOf(one))) {
    processes.set(file, targets);
  }
  return processes;

  function bytesOf(targets) {
    return targets.reduce((sum, target) => sum + bytes.get(target), 0);
  }
}

async function write(file, text) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
