// `npm run recorded-runs [-- --parallelism=recorded] [-- --folder=FOLDER] [-- FILE.csv …]`: backtests recorded runs and prints
// each one's table, its confusion table and that of its stretches. Without files, the recordings among the fixtures.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeError } from '../../src/errors.js';
import { backtestRuns } from './backtest-runs.js';
import { renderConfusionTable } from './confusion-table.js';
import { PARALLELISMS } from './flink-series.js';
import { parseRecordedRun, type RecordedRun } from './recorded-run.js';
import { renderStretchTable } from './stretches.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/recorded-runs/', import.meta.url));

async function fixtures(): Promise<string[]> {
  const names = await readdir(FIXTURES);
  return names
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .map((name) => join(FIXTURES, name));
}

async function readRun(file: string): Promise<RecordedRun> {
  return parseRecordedRun(basename(file, '.csv'), await readFile(file, 'utf8'));
}

async function runRecordedRuns(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { parallelism: { type: 'string', default: 'largest' }, folder: { type: 'string' } },
  });
  const parallelism = PARALLELISMS.find((name) => name === values.parallelism);
  if (parallelism === undefined) throw new RangeError(`--parallelism is one of ${PARALLELISMS.join(', ')}`);
  const files = positionals.length > 0 ? positionals : await fixtures();
  const runs = await Promise.all(files.map(readRun));
  const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'dhalion-recorded-runs-')));
  try {
    for (const { run, table, steps } of await backtestRuns({ runs, parallelism, folder })) {
      const tables = [table, renderConfusionTable(run.name, steps), '', renderStretchTable(run.name, steps)];
      process.stdout.write(`${tables.join('\n')}\n\n`);
    }
  } finally {
    // Reports that were asked for by name are kept.
    if (values.folder === undefined) await rm(folder, { recursive: true, force: true });
  }
}

try {
  await runRecordedRuns();
} catch (error) {
  process.stderr.write(`recorded-runs: ${describeError(error)}\n`);
  process.exitCode = 1;
}
