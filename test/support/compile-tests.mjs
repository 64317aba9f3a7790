// Compiles the tests once, for all their processes: test/ and grafana/src/ to .test-build/, where `src` leads to dist/, the
// product. There a file's `import.meta.url` is that of its source, so that what it reads beside itself is found. `npm test`
// runs these; a single file runs from its source (load-typescript.mjs).
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL, URL } from 'node:url';
import { transform } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUTPUT = join(ROOT, '.test-build');
/** The page's scripts are compiled by themselves, to dist/page/. */
const PAGE_IMPORT = /( from '(?:\.\.\/)+src\/)(http\/page\/browser\/)/g;

await rm(OUTPUT, { recursive: true, force: true });
await mkdir(OUTPUT, { recursive: true });
await symlink('../dist', join(OUTPUT, 'src'));
for (const folder of ['test', 'grafana/src']) {
  const names = await readdir(join(ROOT, folder), { recursive: true });
  const sources = names.filter((name) => name.endsWith('.ts')).map((name) => join(ROOT, folder, name));
  await Promise.all(sources.map(compile));
}

async function compile(source) {
  const target = join(OUTPUT, relative(ROOT, source)).replace(/\.ts$/, '.js');
  const text = await readFile(source, 'utf8');
  const { code } = await transform(text.replaceAll(PAGE_IMPORT, '$1page/$2'), {
    loader: 'ts',
    target: 'es2022',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(resolve(source)).href) },
  });
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, code);
}
