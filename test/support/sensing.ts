// For tests of the sensors: parsed built-in engines, topologies to sense, and histories as the engines' reporters write them.
import type { Test } from 'tap';
import { systemClock } from '../../src/clock.js';
import type { Discovery, Engine, ListedTopology } from '../../src/config/configuration.js';
import { createLabelPattern } from '../../src/config/label-pattern.js';
import type { OperatorMeasurement, Reading } from '../../src/model/measurement.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import type { SensedTopology } from '../../src/sensors/assemble-measurements.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import type { WholeEngineEntry } from '../../src/config/engine-schema.js';
import { createPrometheusClient, type PrometheusClient } from '../../src/sensors/prometheus-client.js';
import { sense, type EngineSensing, type SensingRequest } from '../../src/sensors/sense.js';
import { DEFAULT_SETTINGS } from './measurements.js';
import { prometheusWithHistory, type History } from './real-parts.js';

/** The instant at which tests sense, Unix seconds; a multiple of every step. */
export const END_S = 1_700_000_100;
export const STEP_S = 15;
export const WINDOW_MS = 300_000;

export function engineOf(name: keyof typeof BUILT_IN_ENGINES, changes: Partial<Engine> = {}): Engine {
  const entry: WholeEngineEntry = BUILT_IN_ENGINES[name];
  const { topology, operator, operator_instance: operatorInstance } = entry.labels;
  return {
    name,
    labels: { topology, operator, operatorInstance },
    identity: entry.identity,
    matchers: entry.matchers,
    resolutionMs: STEP_S * 1000,
    seriesTtlMs: name === 'heron' ? 600_000 : 0,
    backpressureReportedBy: entry.backpressure_reported_by,
    contiguousInstances: entry.contiguous_instances,
    sources: entry.sources,
    sensors: Object.fromEntries(Object.entries(entry.sensors).map(([sensor, written]) => [sensor, [written].flat()])),
    ...changes,
  };
}

export function listed(name: string, changes: Partial<ListedTopology> = {}): ListedTopology {
  return {
    name,
    engine: 'flink',
    labelValue: name,
    operators: null,
    webhooks: {},
    graph: null,
    policy: DEFAULT_SETTINGS,
    ...changes,
  };
}

export function discovery(pattern: string, changes: Partial<Discovery> = {}): Discovery {
  const match = createLabelPattern(pattern);
  return { pattern, match, engine: 'flink', webhooks: {}, graph: null, policy: DEFAULT_SETTINGS, ...changes };
}

/** A client of a Prometheus with this history, which forgets a series 30 s after its last sample. */
export function clientWithHistory(t: Test, history: readonly History[]): Promise<PrometheusClient> {
  return clientOf(t, history, ['--query.lookback-delta=30s']);
}

/** A client of a Prometheus with this history and these flags. */
export async function clientOf(
  t: Test,
  history: readonly History[],
  extraArgs: readonly string[],
): Promise<PrometheusClient> {
  const { url } = await prometheusWithHistory(t, history, { extraArgs });
  const http = createHttpClient(PLAIN_HTTP, { userAgent: 'dhalion-test' });
  t.teardown(() => {
    http.close();
  });
  const settings = { url, timeoutMs: 30_000, method: 'POST', queryParams: {}, http: PLAIN_HTTP } as const;
  return createPrometheusClient(settings, { http, clock: systemClock });
}

export function senseAt(
  client: PrometheusClient,
  request: Partial<SensingRequest> & Pick<SensingRequest, 'engine'>,
): Promise<EngineSensing> {
  return sense({
    client,
    windowMs: WINDOW_MS,
    atMs: END_S * 1000,
    listed: [],
    discoveries: [],
    only: null,
    known: [],
    signal: AbortSignal.timeout(60_000),
    ...request,
  });
}

export function topologyIn({ topologies }: Pick<EngineSensing, 'topologies'>, name: string): SensedTopology {
  const found = topologies.find(({ measurement }) => measurement.topology === name);
  if (found === undefined) throw new Error(`no topology ${name} was sensed`);
  return found;
}

export function operatorIn(
  sensing: Pick<EngineSensing, 'topologies'>,
  topology: string,
  operator: string,
): OperatorMeasurement {
  const found = topologyIn(sensing, topology).measurement.operators.find(({ spec }) => spec.name === operator);
  if (found === undefined) throw new Error(`no operator ${operator} was sensed`);
  return found;
}

/** A measured reading's statistics; throws for any other. */
export function measured<Statistics>(reading: Reading<Statistics>): Statistics {
  if (reading.kind !== 'measured') throw new Error(`not measured: ${JSON.stringify(reading)}`);
  return reading;
}

/** A value, or one for each time in seconds before the end. */
export type Course = number | ((beforeEndS: number) => number);

/** When a series has samples, in seconds before the end. */
export interface Span {
  readonly from?: number;
  readonly to?: number;
}

export function series(
  name: string,
  labels: Readonly<Record<string, string>>,
  course: Course,
  { from = 420, to = 0 }: Span = {},
): History {
  const samples: [number, number][] = [];
  for (let before = from; before >= to; before -= STEP_S) {
    samples.push([END_S - before, typeof course === 'number' ? course : course(before)]);
  }
  return { name, labels, samples };
}

/** One subtask of a Flink task; omitted values are not reported. Times in ms/s, rates in records/s. */
export interface FlinkSubtask extends Span {
  readonly job: string;
  readonly task: string;
  readonly subtask: number;
  readonly backPressured?: Course;
  readonly queue?: Course;
  /** ms/s. */
  readonly idle?: Course;
  readonly recordsIn?: Course;
  readonly recordsOut?: Course;
  readonly busy?: Course;
  /** By operator name. */
  readonly operatorRecordsIn?: Readonly<Record<string, Course>>;
  readonly pendingRecords?: Readonly<Record<string, Course>>;
  /** Part of tm_id, host and task_attempt_id, which change at a restart. */
  readonly attempt?: number;
  readonly jobId?: string;
}

export function flinkSubtask(subtask: FlinkSubtask): History[] {
  const { job, task, attempt = 0, jobId = 'a1b2' } = subtask;
  const labels = {
    host: `taskmanager_${attempt}`,
    tm_id: `10_0_0_${attempt}:33761_${attempt}`,
    job_id: jobId,
    job_name: job,
    task_id: `vertex_${task.length}`,
    task_name: task,
    task_attempt_id: `${jobId}_${subtask.subtask}_${attempt}`,
    task_attempt_num: String(attempt),
    subtask_index: String(subtask.subtask),
  };
  const prefix = 'flink_taskmanager_job_task_';
  const ofTask = (name: string, course: Course | undefined): History[] =>
    course === undefined ? [] : [series(prefix + name, labels, course, subtask)];
  const ofOperators = (name: string, courses: Readonly<Record<string, Course>> = {}): History[] =>
    Object.entries(courses).map(([operator, course]) => {
      const operatorLabels = { ...labels, operator_id: `id_${operator}`, operator_name: operator };
      return series(`${prefix}operator_${name}`, operatorLabels, course, subtask);
    });
  return [
    ...ofTask('backPressuredTimeMsPerSecond', subtask.backPressured),
    ...ofTask('Shuffle_Netty_Input_Buffers_inputQueueLength', subtask.queue),
    ...ofTask('idleTimeMsPerSecond', subtask.idle),
    ...ofTask('numRecordsInPerSecond', subtask.recordsIn),
    ...ofTask('numRecordsOutPerSecond', subtask.recordsOut),
    ...ofTask('busyTimeMsPerSecond', subtask.busy),
    ...ofOperators('numRecordsInPerSecond', subtask.operatorRecordsIn),
    ...ofOperators('pendingRecords', subtask.pendingRecords),
  ];
}

/** A healthy inner subtask. */
export function healthySubtask(subtask: FlinkSubtask): History[] {
  return flinkSubtask({ backPressured: 0, queue: 0, recordsIn: 100, recordsOut: 100, busy: 500, ...subtask });
}

/** Compares with a tolerance, because Prometheus sums in another order than a test. */
export function near(t: Test, actual: number | null, expected: number): void {
  t.ok(Math.abs((actual ?? NaN) - expected) < 1e-6, `${actual ?? 'nothing'} is ${expected}`);
}
