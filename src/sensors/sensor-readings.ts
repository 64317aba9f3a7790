// PURE: one operator's statistics as readings: measured, missing with the reason, or not applicable. What comes from fewer
// instances than there are is missing: a mean over the rest would be another number.
import type { Engine } from '../config/configuration.js';
import type { OperatorMeasurement, OperatorSpec, Reading, SensorName } from '../model/measurement.js';
import type { Answer, Presence, SensorAnswers, Statistics } from './sensor-answers.js';
import {
  backpressureOf,
  busyOf,
  pendingPacketsOf,
  processingRateOf,
  sourceBacklogOf,
  type Numbers,
} from './sensor-statistics.js';

export interface ReadingContext {
  readonly engine: Engine;
  readonly windowMs: number;
  readonly answers: SensorAnswers;
}

/** An operator whose series are there, by the engine's label values. */
export interface SeenOperator {
  readonly spec: OperatorSpec;
  readonly topologyLabel: string;
  readonly operatorLabel: string;
  /** The topology's own, for `sumAboveThreshold`. */
  readonly backpressureThreshold: number;
}

/** All readings of an operator of which instances are present. */
export function measureOperator(context: ReadingContext, presence: Presence, seen: SeenOperator): OperatorMeasurement {
  const instances = countInstances(context, presence, seen);
  const read = <Content>(sensor: SensorName, content: (numbers: Numbers) => Content | null): Reading<Content> =>
    isApplicable(context.engine, sensor, seen.spec)
      ? readingOf(answerFor(context, sensor, seen), instances.expected, content)
      : { kind: 'not_applicable' };
  return {
    spec: seen.spec,
    parallelism: instances.parallelism,
    incompleteBecause: instances.incompleteBecause,
    backpressure: read('backpressure', (numbers) => backpressureOf(numbers, seen.backpressureThreshold)),
    pendingPackets: read('pending_packets', pendingPacketsOf),
    processingRate: read('processing_rate', (numbers) => processingRateOf(numbers, stepsOf(context))),
    busy: read('busy', busyOf),
    sourceBacklog: hasNoBacklog(context, seen) ? { kind: 'not_applicable' } : read('source_backlog', sourceBacklogOf),
    outliers: [],
  };
}

/** All readings of an operator of which nothing, or nothing certain, was seen. */
export function missingOperator(engine: Engine, spec: OperatorSpec, because: string): OperatorMeasurement {
  const missing = (sensor: SensorName): { kind: 'missing'; because: string } | { kind: 'not_applicable' } =>
    isApplicable(engine, sensor, spec) ? { kind: 'missing', because } : { kind: 'not_applicable' };
  return {
    spec,
    parallelism: null,
    incompleteBecause: null,
    backpressure: missing('backpressure'),
    pendingPackets: missing('pending_packets'),
    processingRate: missing('processing_rate'),
    busy: missing('busy'),
    sourceBacklog: missing('source_backlog'),
    outliers: [],
  };
}

/** Whether the engine has the sensor and it means something for such an operator (the contract's table, section 4). */
export function isApplicable(engine: Engine, sensor: SensorName, { role }: OperatorSpec): boolean {
  if (engine.sensors[sensor] === undefined) return false;
  const isSource = role === 'source';
  if (sensor === 'backpressure') return !isSource || engine.backpressureReportedBy === 'victim';
  if (sensor === 'pending_packets') return !isSource;
  if (sensor === 'source_backlog') return isSource;
  return true;
}

interface Instances {
  readonly parallelism: number | null;
  readonly incompleteBecause: string | null;
  /** How many should report. */
  readonly expected: number;
}

function countInstances(context: ReadingContext, presence: Presence, seen: SeenOperator): Instances {
  const statistics = presence.statistics.get(seen.topologyLabel)?.get(seen.operatorLabel);
  const present = statistics?.get('instances') ?? 0;
  const gap = gapIn(context.engine, present, statistics?.get('index_sum'));
  if (context.engine.sensors.parallelism === undefined) {
    return { parallelism: present, incompleteBecause: gap, expected: present };
  }
  const answer = answerFor(context, 'parallelism', seen);
  const told = answer.kind === 'answered' ? answer.content?.get('parallelism') : undefined;
  if (told === undefined || !Number.isInteger(told) || told < 1) {
    const because = answer.kind === 'failed' ? answer.because : 'the sensor parallelism reports no whole number';
    return { parallelism: null, incompleteBecause: because, expected: present };
  }
  const lack = told === present ? null : `${told} operator instances are expected, ${present} are present`;
  return { parallelism: told, incompleteBecause: lack ?? gap, expected: told };
}

/** p different numbers ≥ 0 are 0..p-1 exactly if their sum is p × (p - 1) / 2, the smallest that is possible. */
function gapIn(engine: Engine, present: number, indexSum: number | undefined): string | null {
  if (!engine.contiguousInstances || indexSum === undefined || indexSum === (present * (present - 1)) / 2) return null;
  return `operator instances 0..${present - 1} are expected, the numbers of those present do not add up`;
}

function answerFor(context: ReadingContext, sensor: SensorName, seen: SeenOperator): Answer<Statistics | undefined> {
  const answer = context.answers.sensors.get(sensor);
  if (answer === undefined) return { kind: 'failed', because: 'it was not asked for' };
  if (answer.kind === 'failed') return answer;
  return { kind: 'answered', content: answer.content.get(seen.topologyLabel)?.get(seen.operatorLabel) };
}

/**
 * Not every source has a backlog (push sources), so one without any series of it in the whole window has none. One that
 * has stopped reporting, or reports from some instances only, is missing.
 */
function hasNoBacklog(context: ReadingContext, seen: SeenOperator): boolean {
  const answer = answerFor(context, 'source_backlog', seen);
  return answer.kind === 'answered' && answer.content === undefined;
}

function stepsOf({ windowMs, engine }: ReadingContext): number {
  return windowMs / engine.resolutionMs;
}

function readingOf<Content>(
  answer: Answer<Statistics | undefined>,
  expected: number,
  content: (numbers: Numbers) => Content | null,
): Reading<Content> {
  if (answer.kind === 'failed') return { kind: 'missing', because: answer.because };
  const reporting = answer.content?.get('count') ?? 0;
  if (reporting !== expected) {
    return { kind: 'missing', because: `${reporting} of ${expected} operator instances report` };
  }
  const measured = content((name) => {
    const value = answer.content?.get(name);
    return value === undefined || !Number.isFinite(value) ? null : value;
  });
  return measured === null
    ? { kind: 'missing', because: 'a statistic is absent or not finite' }
    : { kind: 'measured', ...measured };
}
