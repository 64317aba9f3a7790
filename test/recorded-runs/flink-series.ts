// PURE: a recorded run as the series that Flink's PrometheusReporter would have left of a job of two tasks, a source and the rest.
// README.md next to this file describes what is measured, what is derived and what is assumed.
import type { History } from '../support/real-parts.js';
import type { RecordedRow, RecordedRun } from './recorded-run.js';

export const SOURCE = 'Source:_Kafka';
export const PIPELINE = 'Pipeline';

/** Flink's rates are means over a minute. */
const RATE_WINDOW_S = 60;

/** Buffers of one input channel and its gate, as Flink configures them: 2 exclusive, 8 floating. */
const QUEUE_BUFFERS = 10;

const PREFIX = 'flink_taskmanager_job_task_';

/** One reading of one subtask. */
interface Sample {
  readonly task: string;
  readonly metric: string;
  readonly value: number | null;
}

/** How many subtasks each task has: as many as the run ever had task managers, throughout; or as many as it had just then. */
export const PARALLELISMS = ['largest', 'recorded'] as const;
export type Parallelism = (typeof PARALLELISMS)[number];

/** Series of each subtask; none of what was not recorded. */
export function renderFlinkSeries(run: RecordedRun, parallelism: Parallelism): History[] {
  const series = new Map<string, { history: History; samples: [number, number][] }>();
  const largest = Math.max(...run.rows.map(({ taskManagers }) => taskManagers ?? 0));
  for (const row of run.rows) {
    const subtasks = Math.round(parallelism === 'largest' ? largest : (row.taskManagers ?? 0));
    for (const { task, metric, value } of samplesOf(row, run, subtasks)) {
      if (value === null) continue;
      for (let subtask = 0; subtask < subtasks; subtask += 1) {
        const key = `${task} ${metric} ${subtask}`;
        const found = series.get(key) ?? seriesOf(run, task, metric, subtask);
        series.set(key, found);
        found.samples.push([row.atS, value]);
      }
    }
  }
  return [...series.values()].map(({ history }) => history);
}

function samplesOf(row: RecordedRow, run: RecordedRun, subtasks: number): Sample[] {
  const heldUpMs = row.backpressureMs;
  const rate = divided(consumedRate(row, run), subtasks);
  const busy = busyRatio(row);
  const busyMs = busy === null ? null : busy * 1000;
  return [
    { task: SOURCE, metric: 'backPressuredTimeMsPerSecond', value: heldUpMs },
    { task: SOURCE, metric: 'busyTimeMsPerSecond', value: busyMs },
    // Nothing flows into a source inside Flink; what it takes in is what it sends on.
    { task: SOURCE, metric: 'numRecordsInPerSecond', value: rate === null ? null : 0 },
    { task: SOURCE, metric: 'numRecordsOutPerSecond', value: rate },
    { task: SOURCE, metric: 'operator_pendingRecords', value: divided(row.lag, subtasks) },
    // The last task writes into no buffer that could be full.
    { task: PIPELINE, metric: 'backPressuredTimeMsPerSecond', value: heldUpMs === null ? null : 0 },
    { task: PIPELINE, metric: 'busyTimeMsPerSecond', value: busyMs },
    { task: PIPELINE, metric: 'numRecordsInPerSecond', value: rate },
    {
      task: PIPELINE,
      metric: 'Shuffle_Netty_Input_Buffers_inputQueueLength',
      value: heldUpMs === null ? null : (heldUpMs / 1000) * QUEUE_BUFFERS,
    },
  ];
}

/**
 * How near a task manager is to its limit. The mean over its tasks, most of them nearly idle, does not represent the busiest one;
 * they share its CPU, so it is at least that busy.
 */
function busyRatio({ busyRatio: ofTasks, cpuLoad }: RecordedRow): number | null {
  return ofTasks === null || cpuLoad === null ? null : Math.max(ofTasks, cpuLoad);
}

/** Records/s taken out of Kafka over the last minute: what arrived, less what the lag grew by. */
export function consumedRate(row: RecordedRow, { rows }: RecordedRun): number | null {
  const before = rows.find(({ atS }) => atS === row.atS - RATE_WINDOW_S);
  const arrived = rows.filter(({ atS }) => atS > row.atS - RATE_WINDOW_S && atS <= row.atS);
  const rates = arrived.flatMap(({ inputRate }) => (inputRate === null ? [] : [inputRate]));
  if (before === undefined || before.lag === null || row.lag === null || rates.length === 0) return null;
  const inputRate = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return Math.max(0, inputRate - (row.lag - before.lag) / RATE_WINDOW_S);
}

function divided(value: number | null, subtasks: number): number | null {
  return value === null || subtasks === 0 ? null : value / subtasks;
}

function seriesOf(
  { name }: RecordedRun,
  task: string,
  metric: string,
  subtask: number,
): { history: History; samples: [number, number][] } {
  const samples: [number, number][] = [];
  const operator = { operator_id: 'kafka', operator_name: 'Source:_Kafka' };
  const labels = {
    job_id: 'recorded',
    job_name: name,
    task_id: task,
    task_name: task,
    subtask_index: String(subtask),
    ...(metric.startsWith('operator_') ? operator : {}),
  };
  return { history: { name: PREFIX + metric, labels, samples }, samples };
}
