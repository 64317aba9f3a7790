// Keeps what Prometheus has of the job's series at some moment, as fixtures for tests of the sensors: only what an engine
// might read, a sample in ten seconds.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Names after `flink_taskmanager_job_task_`; the queues are there to show what they are worth. */
const NAMES = [
  ...['backPressuredTimeMsPerSecond', 'busyTimeMsPerSecond', 'idleTimeMsPerSecond'],
  ...['numRecordsInPerSecond', 'numRecordsOutPerSecond', 'operator_numRecordsInPerSecond', 'operator_pendingRecords'],
  ...['Shuffle_Netty_Input_Buffers_inputQueueLength', 'Shuffle_Netty_Input_Buffers_inPoolUsage'],
];
/** Same on all series, or of no use. */
const LEFT_OUT = new Set(['instance', 'job', 'host', 'task_attempt_num']);
const STEP_S = 10;
const SPAN_S = 120;

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

/** One series: its samples are [seconds before the moment, value], NaN as a text. */
export interface RecordedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [number, number | string])[];
}

/** Writes `<moment>.json`, a list of `RecordedSeries`, one a line. */
export async function recordSeries(prometheusUrl: string, folder: string, moment: string, atMs: number): Promise<void> {
  const end = Math.floor(atMs / 1000 / STEP_S) * STEP_S;
  const query = `{__name__=~"flink_taskmanager_job_task_(${NAMES.join('|')})"}[${SPAN_S}s]`;
  const parameters = new URLSearchParams({ query, time: String(end) });
  const answer = await fetch(`${prometheusUrl}/api/v1/query?${parameters.toString()}`, {
    signal: AbortSignal.timeout(30_000),
  });
  const { data } = (await answer.json()) as { readonly data: { readonly result: readonly Sample[] } };
  const series = data.result.map(({ metric, values }): RecordedSeries => {
    const { __name__: name = '', ...labels } = metric;
    const kept = Object.entries(labels).filter(([label]) => !LEFT_OUT.has(label));
    return { name, labels: Object.fromEntries(kept), samples: thinned(values, end) };
  });
  await mkdir(folder, { recursive: true });
  const lines = series.map((one) => JSON.stringify(one)).join(',\n');
  await writeFile(join(folder, `${moment}.json`), `[\n${lines}\n]\n`);
}

/** The last sample of each step. */
function thinned(values: Sample['values'], endS: number): [number, number | string][] {
  const byStep = new Map(values.map(([atS, value]) => [Math.ceil((endS - atS) / STEP_S), value] as const));
  return [...byStep].map(([step, value]) => {
    const number = Number(value);
    return [step * STEP_S, Number.isNaN(number) ? value : Math.round(number * 1e4) / 1e4];
  });
}
