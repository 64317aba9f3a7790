// Writes the generated sections of the documents: options, metrics and command lines come from the code that defines them.
// `npm run docs` writes, `npm run docs:check` fails where a document differs. Reads the built program in dist/.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as prettier from 'prettier';
import { renderReferenceTable, renderReferenceTables } from '../dist/config/reference-table.js';
import { webConfigSchema } from '../dist/http/web-config-schema.js';
import { renderMetricTable } from '../dist/metrics/metric-catalogue.js';

const ROOT = new URL('../', import.meta.url);
const CLI = fileURLToPath(new URL('dist/cli.js', ROOT));
const COMMANDS = [
  ['serve'],
  ['check', 'config'],
  ['backtest'],
  ['status'],
  ['explain'],
  ['actions'],
  ['pause'],
  ['resume'],
  ['cancel'],
  ['manifests'],
  ['demo'],
];

/** One section a document, by the name in its markers. */
const SECTIONS = [
  { name: 'commands', path: 'src/commands/README.md', markdown: await renderCommands() },
  {
    name: 'configuration',
    path: 'src/config/README.md',
    markdown: `${renderReferenceTables()}\n${renderReferenceTable('`--web.config.file`', webConfigSchema)}`,
  },
  { name: 'metrics', path: 'src/metrics/README.md', markdown: renderMetricTable() },
];

const isCheck = process.argv.includes('--check');
for (const { name, path, markdown } of SECTIONS) {
  const file = fileURLToPath(new URL(path, ROOT));
  const before = await readFile(file, 'utf8');
  const after = await withSection(before, { name, path, markdown });
  if (after === before) {
    process.stdout.write(`${path}: the generated section is up to date\n`);
  } else if (isCheck) {
    process.stderr.write(
      `${path}: the generated section (${name}) is out of date: run \`npm run docs\` and commit it.\n`,
    );
    process.exitCode = 1;
  } else {
    await writeFile(file, after);
    process.stdout.write(`${path}: wrote the generated section\n`);
  }
}

/** What each command says of itself, at a width that does not depend on the terminal. */
async function renderCommands() {
  const texts = [];
  for (const command of COMMANDS) {
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...command, '--help']);
    texts.push('```text', stdout.trimEnd(), '```', '');
  }
  return texts.join('\n');
}

/** The text with the section between its two markers replaced, in Prettier's style, which checks the file as a whole. */
async function withSection(text, { name, path, markdown }) {
  const [begin, end] = markersOf(name);
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`${path} lacks the markers ${begin} and ${end}`);
  const options = { ...(await prettier.resolveConfig(fileURLToPath(new URL(path, ROOT)))), parser: 'markdown' };
  const formatted = (await prettier.format(markdown, options)).trim();
  return `${text.slice(0, start)}${begin}\n\n${formatted}\n\n${text.slice(stop)}`;
}

function markersOf(name) {
  return [`<!-- BEGIN GENERATED ${name}: npm run docs -->`, `<!-- END GENERATED ${name} -->`];
}
