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
import { anchorsOf, firstCellsOf, proseOf, readDocument, readDocuments } from './support/markdown.js';

const ROOT = new URL('../', import.meta.url);
const documents = await readDocuments();
/** What a user reads; the others are about tests. */
const forUsers = documents.filter(({ path }) => /^(?:README|rules\/README|src\/.*README)\.md$/.test(path));

/** Phrases that read as translated. They were rewritten, and stay so. */
const TRANSLATED = [
  'anew',
  'otherwise than',
  'asked for apart',
  'idempotent by nature',
  'of several candidates the only',
  'who changes one operator at a time',
  'the others are what is sized',
  'backlogs from the restart aside',
  'has your scaling webhook give',
  'in steps that each can be stayed at',
  'one more asks for',
  'to be there to say what is',
];

/** The same for messages and comments of the service. */
const TRANSLATED_IN_SOURCES = [
  'is told by',
  'no dhalion answers',
  'no topology is named',
  'of which nothing is known',
  'takes text that',
  'what came of',
  'what is no yaml',
  'what is to be seen',
  'where there is none',
  'who may come in',
];

await t.test('the README is read in one sitting, and its index leads to every other document', async (t) => {
  const readme = await readDocument('README.md');
  t.ok(readme.split('\n').length - 1 <= 350, 'at most 350 lines');
  const index = readme.slice(readme.indexOf('## Where everything else is\n'));
  const linked = new Set([...index.matchAll(/\]\(([^)\s#]+)/g)].map(([, path]) => path));
  for (const { path } of documents) if (path !== 'README.md') t.ok(linked.has(path), path);
  for (const path of linked) if (path?.endsWith('.md')) t.ok(existsSync(new URL(path, ROOT)), path);
});

await t.test('no document reads as translated', (t) => {
  for (const { path, markdown } of documents) {
    const text = markdown.replaceAll(/\s+/g, ' ').toLowerCase();
    for (const phrase of TRANSLATED) t.notOk(new RegExp(`\\b${phrase}\\b`).test(text), `${path}: ${phrase}`);
  }
  t.end();
});

await t.test('no message or comment of the service reads as translated', async (t) => {
  const names = (await readdir(new URL('src/', ROOT), { recursive: true })).filter((name) => name.endsWith('.ts'));
  t.ok(names.length > 200, 'all of the sources');
  for (const name of names) {
    const source = await readFile(new URL(`src/${name}`, ROOT), 'utf8');
    const text = source.replaceAll(/\s+(?:\/\/|\*)?\s*/g, ' ').toLowerCase();
    for (const phrase of TRANSLATED_IN_SOURCES) t.notOk(text.includes(phrase), `src/${name}: ${phrase}`);
  }
});

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

/** Metrics of Alertmanager and Prometheus, which only documents name. */
const FOREIGN_METRICS = [
  'alertmanager_notifications_failed_total',
  'prometheus_notifications_dropped_total',
  'prometheus_notifications_errors_total',
];

await t.test('every name in a document for users is one that the code or the rules have', async (t) => {
  const sources = await Promise.all([textsIn('src/', '.ts'), textsIn('rules/', '.yml')]);
  const known = new Set(sources.flat().flatMap((text) => text.match(/[a-z]+(?:_[a-z]+)+/g) ?? []));
  for (const name of FOREIGN_METRICS) known.add(name);
  t.equal(forUsers.length, 10);
  for (const { path, markdown } of forUsers) {
    for (const [, name = ''] of proseOf(markdown).matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)) {
      t.ok(known.has(name), `${path}: ${name}`);
    }
  }
});

async function textsIn(folder: string, extension: string): Promise<readonly string[]> {
  const files = (await readdir(new URL(folder, ROOT), { recursive: true })).filter((file) => file.endsWith(extension));
  return Promise.all(files.map((file) => readFile(new URL(folder + file, ROOT), 'utf8')));
}

await t.test('every name of the closed lists is explained, in their order', async (t) => {
  const rules = await readDocument('rules/README.md');
  t.strictSame(firstCellsOf(rules, 'reason'), HOLD_REASONS);
  t.strictSame(firstCellsOf(rules, 'outcome'), OUTCOMES);
  t.strictSame(firstCellsOf(rules, 'symptom of an operator'), SYMPTOMS);
  t.strictSame(firstCellsOf(rules, 'diagnosis'), DIAGNOSES);
  for (const [diagnosis, resolver] of Object.entries(RESOLVER_OF)) {
    t.match(rules, new RegExp(`^\\| \`${diagnosis}\` .*\\| \`${resolver}\` +\\|$`, 'm'));
  }
});

await t.test('every operation of the HTTP API is listed', async (t) => {
  const named = new Set(firstCellsOf(await readDocument('src/http/README.md'), 'path'));
  for (const [path, operations] of Object.entries(OPERATIONS)) {
    // As Prometheus has it, a reload may be put as well as posted.
    const methods = Object.keys(operations).filter((method) => !(method === 'put' && 'post' in operations));
    for (const method of methods) t.ok(named.has(`${method.toUpperCase()} ${path}`), `${method} ${path}`);
  }
});

await t.test('every crash window that is listed has its test, and every test is listed', async (t) => {
  const list = await readDocument('test/README.md');
  const crashTest = 'crash/crash-windows.long.test.ts';
  const titles = [...(await readDocument('test/crash/crash-windows.ts')).matchAll(/^crashWindow\('([^']+)'/gm)].map(
    ([, title = '']) => title,
  );
  t.ok(titles.length > 0);
  const listed = firstCellsOf(list, 'killed');
  for (const title of titles) t.ok(listed.includes(title), title);
  for (const title of listed) {
    const [row = ''] = list.split('\n').filter((line) => line.startsWith(`| ${title} `));
    const files = [...row.matchAll(/`([\w/.-]+\.test\.ts)`/g)].map(([, file = '']) => file);
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
