// Writes the README's generated sections: options, metrics and command lines come from the code that defines them.
// `npm run docs` writes, `npm run docs:check` fails where the README differs. Reads the built program in dist/.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as prettier from 'prettier';
import { renderReferenceTable, renderReferenceTables } from '../dist/config/reference-table.js';
import { webConfigSchema } from '../dist/http/web-config-schema.js';
import { renderMetricTable } from '../dist/metrics/metric-catalogue.js';

const README = fileURLToPath(new URL('../README.md', import.meta.url));
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
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
  ['demo'],
];

const sections = {
  commands: await renderCommands(),
  configuration: `${renderReferenceTables()}\n${renderReferenceTable('`--web.config.file`', webConfigSchema)}`,
  metrics: renderMetricTable(),
};

const isCheck = process.argv.includes('--check');
const before = await readFile(README, 'utf8');
let after = before;
for (const [name, markdown] of Object.entries(sections)) after = await withSection(after, name, markdown);

if (after === before) {
  process.stdout.write('README.md: the generated sections are up to date\n');
} else if (isCheck) {
  process.stderr.write(`README.md: ${changedSections().join(', ')} out of date: run \`npm run docs\` and commit it.\n`);
  process.exitCode = 1;
} else {
  await writeFile(README, after);
  process.stdout.write(`README.md: wrote ${changedSections().join(', ')}\n`);
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
async function withSection(text, name, markdown) {
  const [begin, end] = markersOf(name);
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`README.md lacks the markers ${begin} and ${end}`);
  const options = { ...(await prettier.resolveConfig(README)), parser: 'markdown' };
  const formatted = (await prettier.format(markdown, options)).trim();
  return `${text.slice(0, start)}${begin}\n\n${formatted}\n\n${text.slice(stop)}`;
}

function markersOf(name) {
  return [`<!-- BEGIN GENERATED ${name}: npm run docs -->`, `<!-- END GENERATED ${name} -->`];
}

function changedSections() {
  return Object.keys(sections).filter((name) => sectionOf(before, name) !== sectionOf(after, name));
}

function sectionOf(text, name) {
  const [begin, end] = markersOf(name);
  return text.slice(text.indexOf(begin), text.indexOf(end));
}
