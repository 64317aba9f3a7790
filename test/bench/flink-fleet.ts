// A real Prometheus that holds a few minutes of a fleet's history as Flink's reporter would have left it. In every tenth job
// one task is skewed and holds those before it up, so that no query is spared.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startPrometheus } from '../../src/real-parts/start-prometheus.js';
import type { RunningServer } from '../../src/real-parts/local-server.js';
import { programPath, runTool } from '../support/real-parts.js';

export interface FleetSize {
  readonly topologies: number;
  /** Of each topology. */
  readonly operators: number;
  /** Of each operator. */
  readonly instances: number;
  /** Seconds between two samples of a series; default 15. */
  readonly scrapeS?: number;
}

/** End of the history, unix seconds; a multiple of every step. */
export const FLEET_END_S = 1_700_000_100;
const HISTORY_S = 480;
const BLOCKS_TIMEOUT_MS = 600_000;
/** Position of the skewed task, in jobs that have one; those before it are held up. */
const CULPRIT = 2;

export function fleetTopologyName(topology: number): string {
  return `payments_job_${String(topology).padStart(4, '0')}`;
}

/** Resolves with the running server, to be stopped by the caller, who owns the folder. */
export async function startFleetPrometheus(folder: string, size: FleetSize): Promise<RunningServer> {
  await writeFleetBlocks(folder, size);
  return startOnBlocks(await programPath('prometheus'), folder);
}

/** The fleet's history as blocks of Prometheus below the folder. */
export async function writeFleetBlocks(folder: string, size: FleetSize): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'history.openmetrics');
  await writeHistory(file, size);
  const args = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, join(folder, 'data')];
  const { code, output } = await runTool('promtool', args, undefined, BLOCKS_TIMEOUT_MS);
  if (code !== 0) throw new Error(`promtool: ${output}`);
  await rm(file);
}

export function startOnBlocks(program: string, folder: string): Promise<RunningServer> {
  return startPrometheus({ program, dataDir: folder, config: 'global: {}\n', retention: '100y' });
}

/** Written a topology at a time: the text of a large fleet is longer than a string may be. */
async function writeHistory(file: string, size: FleetSize): Promise<void> {
  const stream = createWriteStream(file);
  for (const text of fleetHistory(size)) if (!stream.write(text)) await once(stream, 'drain');
  stream.end('# EOF\n');
  await once(stream, 'close');
}

/** Lines of OpenMetrics, some at a time. */
export function* fleetHistory({ topologies, operators, instances, scrapeS = 15 }: FleetSize): Generator<string> {
  for (let topology = 0; topology < topologies; topology += 1) {
    for (let operator = 0; operator < operators; operator += 1) {
      const lines: string[] = [];
      for (let instance = 0; instance < instances; instance += 1) {
        lines.push(...renderSubtask({ topology, operator, instance, scrapeS }));
      }
      yield lines.join('');
    }
  }
}

interface Subtask {
  readonly topology: number;
  readonly operator: number;
  readonly instance: number;
  readonly scrapeS: number;
}

function renderSubtask(subtask: Subtask): string[] {
  const labels = labelsOf(subtask);
  const ofTask = Object.entries(readingsOf(subtask)).flatMap(([name, value]) =>
    renderSamples(`flink_taskmanager_job_task_${name}{${labels}}`, value, subtask.scrapeS),
  );
  if (subtask.operator > 0) return ofTask;
  const ofOperator = `${labels},operator_id="bc764cd8ddf7a0cff126f51c16239658",operator_name="${fleetOperatorName(0)}"`;
  return [
    ...ofTask,
    ...renderSamples(`flink_taskmanager_job_task_operator_numRecordsInPerSecond{${ofOperator}}`, 1000, subtask.scrapeS),
    ...renderSamples(`flink_taskmanager_job_task_operator_pendingRecords{${ofOperator}}`, 200, subtask.scrapeS),
  ];
}

/** Also the name of a fleet's operator. */
export function fleetOperatorName(operator: number): string {
  return operator === 0 ? 'Source:_Kafka_orders' : `Operator_${operator}____Map`;
}

function labelsOf({ topology, operator, instance }: Subtask): string {
  const host = `10_42_${topology % 200}_${instance}`;
  return [
    `host="${host}"`,
    `tm_id="${host}:33761_4f1a2b"`,
    `job_id="${String(topology).padStart(32, 'a1b2c3d4')}"`,
    `job_name="${fleetTopologyName(topology)}"`,
    `task_id="${String(operator).padStart(32, 'cbc357ccb763df2852fee8c4fc7d55f2')}"`,
    `task_name="${fleetOperatorName(operator)}"`,
    `task_attempt_id="${String(instance).padStart(32, '0f1e2d3c')}"`,
    `task_attempt_num="0"`,
    `subtask_index="${instance}"`,
  ].join(',');
}

/** Ms/s, buffers and records/s. */
function readingsOf({ topology, operator, instance }: Subtask): Record<string, number> {
  const isInSkewedJob = topology % 10 === 0;
  const isOutlier = isInSkewedJob && operator === CULPRIT && instance === 0;
  return {
    backPressuredTimeMsPerSecond: isInSkewedJob && operator < CULPRIT ? 300 : 5,
    Shuffle_Netty_Input_Buffers_inputQueueLength: isOutlier ? 400 : operator % 3,
    numRecordsInPerSecond: operator === 0 ? 0 : 1000 + operator,
    numRecordsOutPerSecond: 1000,
    busyTimeMsPerSecond: isOutlier ? 990 : 400,
    idleTimeMsPerSecond: isOutlier ? 5 : 595,
  };
}

/** Values swing a little, as measured ones do: constant ones would be stored and read too cheaply. */
function renderSamples(series: string, value: number, scrapeS: number): string[] {
  const lines: string[] = [];
  for (let atS = FLEET_END_S - HISTORY_S; atS <= FLEET_END_S; atS += scrapeS) {
    const swing = 1 + 0.01 * Math.sin(atS);
    lines.push(`${series} ${(value * swing).toFixed(3)} ${atS}\n`);
  }
  return lines;
}
