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

/** Writes `<moment>.json`: `{"end": <unix s>, "series": [{"name", "labels", "samples": [[unix s, value], …]}, …]}`. */
export async function recordSeries(prometheusUrl: string, folder: string, moment: string, atMs: number): Promise<void> {
  const end = Math.floor(atMs / 1000 / STEP_S) * STEP_S;
  const query = `{__name__=~"flink_taskmanager_job_task_(${NAMES.join('|')})"}[${SPAN_S}s]`;
  const parameters = new URLSearchParams({ query, time: String(end) });
  const answer = await fetch(`${prometheusUrl}/api/v1/query?${parameters.toString()}`, {
    signal: AbortSignal.timeout(10_000),
  });
  const { data } = (await answer.json()) as { readonly data: { readonly result: readonly Sample[] } };
  const series = data.result.map(({ metric, values }) => {
    const { __name__: name, ...labels } = metric;
    const kept = Object.entries(labels).filter(([label]) => !LEFT_OUT.has(label));
    return { name, labels: Object.fromEntries(kept), samples: thinned(values) };
  });
  await mkdir(folder, { recursive: true });
  const lines = series.map((one) => JSON.stringify(one)).join(',\n');
  await writeFile(join(folder, `${moment}.json`), `{"end":${end},"series":[\n${lines}\n]}\n`);
}

/** The last sample of each step, NaN as a text. */
function thinned(values: Sample['values']): [number, number | string][] {
  const bySlot = new Map(values.map(([atS, value]) => [Math.floor(atS / STEP_S), [atS, value] as const]));
  return [...bySlot.values()].map(([atS, value]) => [
    Math.round(atS),
    Number.isNaN(Number(value)) ? value : Number(value),
  ]);
}
