// Loads recorded runs into a Prometheus of their own and backtests each with the built command line and the example
// configuration: once for `npm run recorded-runs` and for its test.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startPrometheus } from '../../src/real-parts/start-prometheus.js';
import { programPath, renderOpenMetrics, runTool } from '../support/real-parts.js';
import { compareSteps, type BacktestJson, type ComparedStep } from './confusion-table.js';
import { renderFlinkSeries, type Parallelism } from './flink-series.js';
import { ROW_S, type RecordedRun } from './recorded-run.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const CONFIG = fileURLToPath(new URL('./dhalion.yml', import.meta.url));

export interface RunsToBacktest {
  readonly runs: readonly RecordedRun[];
  readonly parallelism: Parallelism;
  /** Everything is written here; the caller's to remove. */
  readonly folder: string;
}

export interface BacktestedRun {
  readonly run: RecordedRun;
  /** What the command printed. */
  readonly table: string;
  readonly steps: readonly ComparedStep[];
}

/** Reports are `NAME.json` and `NAME.html` in the folder. */
export async function backtestRuns({ runs, parallelism, folder }: RunsToBacktest): Promise<BacktestedRun[]> {
  await mkdir(folder, { recursive: true });
  const history = join(folder, 'history.openmetrics');
  await writeFile(history, renderOpenMetrics(runs.flatMap((run) => renderFlinkSeries(run, parallelism))));
  const load = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', history, join(folder, 'data')];
  const { code, output } = await runTool('promtool', load);
  if (code !== 0) throw new Error(`promtool: ${output}`);
  const prometheus = await startPrometheus({
    program: await programPath('prometheus'),
    dataDir: folder,
    config: 'global: {}\n',
    retention: '100y',
    // A series ends with its last row: files have no staleness markers, and gaps are to stay gaps.
    extraArgs: [`--query.lookback-delta=${ROW_S}s`],
  });
  try {
    const config = join(folder, 'dhalion.yml');
    await writeFile(config, (await readFile(CONFIG, 'utf8')).replace('http://127.0.0.1:9090', prometheus.url));
    const backtested: BacktestedRun[] = [];
    for (const run of runs) backtested.push(await backtestRun(run, config, folder));
    return backtested;
  } finally {
    await prometheus.stop();
  }
}

async function backtestRun(run: RecordedRun, config: string, folder: string): Promise<BacktestedRun> {
  const [first, last] = [run.rows[0]?.atS ?? 0, run.rows.at(-1)?.atS ?? 0];
  const json = join(folder, `${run.name}.json`);
  const { stdout } = await promisify(execFile)(process.execPath, [
    CLI,
    'backtest',
    `--config.file=${config}`,
    `--from=${first}`,
    `--to=${last}`,
    `--step=${ROW_S}s`,
    `--output.json=${json}`,
    `--output.html=${join(folder, `${run.name}.html`)}`,
  ]);
  // Runs may overlap in time; each backtest sees all of them.
  const steps = compareSteps(run, JSON.parse(await readFile(json, 'utf8')) as BacktestJson);
  return { run, table: stdout, steps };
}
