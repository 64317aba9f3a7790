// What the Markdown files claim about the repository: files, headings, scripts and names that must be there.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import t from 'tap';
import { OPERATIONS } from '../src/http/openapi-operations.js';
import { METRIC_CATALOGUE } from '../src/metrics/metric-catalogue.js';
import { HOLD_REASONS } from '../src/model/decision.js';
import { DIAGNOSES } from '../src/model/diagnosis.js';
import { OUTCOMES } from '../src/model/outcome.js';
import { RESOLVER_OF } from '../src/model/resolver.js';
import { SYMPTOMS } from '../src/model/symptom.js';
import { anchorsOf, documentPaths, firstCellsOf, proseOf, readDocument } from './support/markdown.js';

const ROOT = new URL('../', import.meta.url);
const paths = await documentPaths();
const documents = await Promise.all(paths.map(async (path) => ({ path, markdown: await readDocument(path) })));
const readme = await readDocument('README.md');

await t.test('every link leads to a file and a heading that are there', async (t) => {
  for (const { path, markdown } of documents) {
    for (const [, target = ''] of proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const url = file === '' ? new URL(path, ROOT) : new URL(file, new URL(path, ROOT));
      t.ok(existsSync(url), `${path}: ${target}`);
      if (anchor === undefined || !url.pathname.endsWith('.md')) continue;
      t.ok(anchorsOf(await readFile(url, 'utf8')).has(anchor), `${path}: ${target} is a heading`);
    }
  }
});

await t.test('every npm script that is named is there', async (t) => {
  const { scripts } = JSON.parse(await readDocument('package.json')) as { scripts: Record<string, string> };
  for (const { path, markdown } of documents) {
    for (const [, script = ''] of markdown.matchAll(/npm run (?:--?\w+ )*([\w:-]+)/g)) {
      t.ok(Object.hasOwn(scripts, script), `${path}: npm run ${script}`);
    }
  }
});

await t.test('every metric that is named is exported', (t) => {
  const names = new Set<string>(METRIC_CATALOGUE.map(({ name }) => name));
  for (const { path, markdown } of documents) {
    for (const [name] of markdown.matchAll(/\bdhalion_[a-z]+(?:_[a-z]+)+\b/g)) {
      t.ok(names.has(name.replace(/_(?:bucket|sum|count)$/, '')), `${path}: ${name}`);
    }
  }
  t.end();
});

await t.test('every name in the README is one that the code, the rules or their fields have', async (t) => {
  const sources = await Promise.all([textsIn('src/', '.ts'), textsIn('rules/', '.yml'), textsIn('rules/', '.md')]);
  const known = new Set(sources.flat().flatMap((text) => text.match(/[a-z]+(?:_[a-z]+)+/g) ?? []));
  for (const [, name = ''] of proseOf(readme).matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)) t.ok(known.has(name), name);
});

async function textsIn(folder: string, extension: string): Promise<readonly string[]> {
  const files = (await readdir(new URL(folder, ROOT), { recursive: true })).filter((file) => file.endsWith(extension));
  return Promise.all(files.map((file) => readFile(new URL(folder + file, ROOT), 'utf8')));
}

await t.test('the README explains every name of the closed lists, in their order', (t) => {
  t.strictSame(firstCellsOf(readme, 'reason'), HOLD_REASONS);
  t.strictSame(firstCellsOf(readme, 'outcome'), OUTCOMES);
  t.strictSame(firstCellsOf(readme, 'symptom of an operator'), SYMPTOMS);
  t.strictSame(firstCellsOf(readme, 'diagnosis'), DIAGNOSES);
  for (const [diagnosis, resolver] of Object.entries(RESOLVER_OF)) {
    t.match(readme, new RegExp(`^\\| \`${diagnosis}\` .*\\| \`${resolver}\` +\\|$`, 'm'));
  }
  t.end();
});

await t.test('the README names every operation of the HTTP API', (t) => {
  const named = new Set(firstCellsOf(readme, 'path'));
  for (const [path, operations] of Object.entries(OPERATIONS)) {
    // As Prometheus has it, a reload may be put as well as posted.
    const methods = Object.keys(operations).filter((method) => !(method === 'put' && 'post' in operations));
    for (const method of methods) t.ok(named.has(`${method.toUpperCase()} ${path}`), `${method} ${path}`);
  }
  t.end();
});

await t.test('every crash window that is listed has its test, and every test is listed', async (t) => {
  const list = await readDocument('test/README.md');
  const crashTest = 'crash/crash-windows.test.ts';
  const titles = [...(await readDocument(`test/${crashTest}`)).matchAll(/^crashWindow\('([^']+)'/gm)].map(
    ([, title = '']) => title,
  );
  const listed = firstCellsOf(list, 'killed');
  for (const title of titles) t.ok(listed.includes(title), title);
  for (const title of listed) {
    const [row = ''] = list.split('\n').filter((line) => line.startsWith(`| ${title} `));
    const files = [...row.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file = '']) => file);
    t.ok(files.length > 0, title);
    for (const file of files) t.ok(existsSync(new URL(`test/${file}`, ROOT)), `${title}: ${file}`);
    if (files.includes(crashTest)) t.ok(titles.includes(title), title);
  }
});

await t.test('every folder of the sources is on the map', async (t) => {
  const map = await readDocument('src/README.md');
  const folders = (await readdir(new URL('src/', ROOT), { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  for (const { name } of folders) t.match(map, new RegExp(`\`${name}/?\``), name);
});
