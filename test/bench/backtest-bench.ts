// What a backtest costs in time and memory as its range grows: the built command line against a real Prometheus.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { startPrometheus } from '../../src/real-parts/start-prometheus.js';
import { PLAIN_NODE } from '../support/plain-node.js';
import { programPath, runTool } from '../support/real-parts.js';
import { median } from './median.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const END_S = 1_700_000_100;
const SCRAPE_S = 15;
const OPERATORS = 5;

export interface BacktestBenchSize {
  readonly topologies: number;
  /** Ranges that end together. */
  readonly hours: readonly number[];
  /** Largest heap of the command, MB, in addition to its young objects; default: Node's. */
  readonly maxHeapMb?: number;
}

export interface BacktestBench {
  readonly hours: number;
  readonly wallMs: number;
  /** Largest resident set of the command, MB. */
  readonly peakMb: number;
  /** What full collections of the heap left, MB: in use, where `peakMb` counts what waits to be collected too. */
  readonly liveMb: { readonly median: number; readonly largest: number };
}

/** Steps of 15 s over jobs of 5 operators with 2 to 4 instances each, scraped every 15 s; both reports are written. */
export async function benchBacktest({ topologies, hours, maxHeapMb }: BacktestBenchSize): Promise<BacktestBench[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-bench-'));
  try {
    const history = join(folder, 'history.openmetrics');
    // Two windows more than the longest range.
    await writeHistory(history, topologies, Math.max(...hours) * 3600 + 600);
    const args = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', history, join(folder, 'data')];
    const { code, output } = await runTool('promtool', args, undefined, 600_000);
    if (code !== 0) throw new Error(`promtool: ${output}`);
    await rm(history);
    const program = await programPath('prometheus');
    const prometheus = await startPrometheus({ program, dataDir: folder, config: 'global: {}\n', retention: '100y' });
    try {
      const config = join(folder, 'dhalion.yml');
      const topology = "{discover: '.*', engine: flink, policy: {mode: observe}}";
      await writeFile(config, `prometheus: {url: "${prometheus.url}"}\ntopologies: [${topology}]\n`);
      const benches: BacktestBench[] = [];
      const limits = maxHeapMb === undefined ? [] : [`--max-old-space-size=${maxHeapMb}`];
      for (const range of hours) benches.push(await runBacktest(folder, config, range, limits));
      return benches;
    } finally {
      await prometheus.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runBacktest(
  folder: string,
  config: string,
  hours: number,
  nodeFlags: readonly string[],
): Promise<BacktestBench> {
  const startedAt = performance.now();
  const [node, ...before] = PLAIN_NODE;
  const child = spawn(
    node,
    [
      ...before,
      '--trace-gc',
      ...nodeFlags,
      CLI,
      'backtest',
      `--config.file=${config}`,
      `--from=${END_S - hours * 3600}`,
      `--to=${END_S}`,
      `--step=${SCRAPE_S}s`,
      `--output.json=${join(folder, 'report.json')}`,
      `--output.html=${join(folder, 'report.html')}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  let peakMb = 0;
  const look = setInterval(() => {
    void residentMb(child.pid).then((mb) => (peakMb = Math.max(peakMb, mb)));
  }, 100);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(look);
  if (code !== 0) throw new Error(`the backtest of ${hours} h ended with ${code ?? 'a signal'}`);
  return { hours, wallMs: performance.now() - startedAt, peakMb, liveMb: liveMbOf(output) };
}

/** From V8's trace, a line a collection: `… Mark-Compact 43.4 (74.1) -> 22.3 (69.9) MB, …`. */
function liveMbOf(trace: string): BacktestBench['liveMb'] {
  const lefts = [...trace.matchAll(/Mark-Compact[^>\n]*-> (\d+(?:\.\d+)?) \(/g)].map(([, left]) => Number(left));
  if (lefts.length === 0) throw new Error('no collection of the whole heap was traced');
  return { median: median(lefts), largest: Math.max(...lefts) };
}

/** The largest so far, as the kernel counts it; 0 once the process is gone. */
async function residentMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

async function writeHistory(file: string, topologies: number, lengthS: number): Promise<void> {
  const stream = createWriteStream(file);
  for (let topology = 0; topology < topologies; topology += 1) {
    for (let operator = 0; operator < OPERATORS; operator += 1) {
      for (let instance = 0; instance < 2 + (operator % 3); instance += 1) {
        for (const text of seriesOf({ topology, operator, instance }, lengthS)) {
          if (!stream.write(text)) await once(stream, 'drain');
        }
      }
    }
  }
  stream.end('# EOF\n');
  await once(stream, 'close');
}

interface Subtask {
  readonly topology: number;
  readonly operator: number;
  readonly instance: number;
}

function* seriesOf(subtask: Subtask, lengthS: number): Generator<string> {
  const { topology, operator, instance } = subtask;
  const task = operator === 0 ? 'Source:_in' : `Operator_${operator}`;
  const labels = `job_name="job_${topology}",task_name="${task}",subtask_index="${instance}",job_id="j",task_id="${operator}"`;
  for (const [name, value] of Object.entries(readingsOf(subtask))) {
    const own = name.startsWith('operator_') ? `${labels},operator_id="x",operator_name="${task}"` : labels;
    const lines: string[] = [];
    for (let atS = END_S - lengthS; atS <= END_S; atS += SCRAPE_S) {
      const swing = 1 + 0.5 * Math.sin(atS / 3000 + topology) + 0.01 * Math.sin(atS);
      lines.push(`flink_taskmanager_job_task_${name}{${own}} ${(value * swing).toFixed(2)} ${atS}\n`);
    }
    yield lines.join('');
  }
}

/** In every tenth job one instance is skewed, in every fourth the first tasks are held up. */
function readingsOf({ topology, operator, instance }: Subtask): Record<string, number> {
  const isSkewed = topology % 10 === 0 && operator === 2 && instance === 0;
  return {
    backPressuredTimeMsPerSecond: topology % 4 === 0 && operator < 2 ? 200 : 5,
    Shuffle_Netty_Input_Buffers_inputQueueLength: isSkewed ? 400 : operator,
    numRecordsInPerSecond: operator === 0 ? 0 : 1000,
    numRecordsOutPerSecond: 1000,
    busyTimeMsPerSecond: 400,
    ...(operator === 0 ? { operator_pendingRecords: 200 } : {}),
  };
}
