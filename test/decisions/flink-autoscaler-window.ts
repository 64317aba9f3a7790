// The metric window of Flink's autoscaler: a sample a minute of the present run, and what it makes of them.
import type { OperatorState, TopologyState } from '../../src/simulator/topology-state.js';
import type { VertexRates } from './flink-autoscaler-rule.js';
import { mean, sum, type Look } from './peer.js';

/** Flink's own gauges are means of a minute. */
const GAUGE_SECONDS = 60;
/** observed-true-processing-rate.*: at which lag, how far off, how often. */
const OBSERVED_LAG_SECONDS = 30;
const SWITCH_THRESHOLD = 0.15;
const MIN_OBSERVATIONS = 2;

export interface VertexSample {
  readonly seconds: number;
  /** Counters of the present run, all subtasks together. */
  readonly recordsIn: number;
  readonly lag: number;
  /** Gauges; null: not seen. */
  readonly recordsInPerSecond: number | null;
  /** Of the busiest subtask. */
  readonly load: number | null;
  readonly observedRate: number | null;
}

export type Sample = ReadonlyMap<string, VertexSample>;

export function takeSample(look: Look): Sample {
  return new Map(look.state.operators.map((operator) => [operator.name, sampleOf(operator, look)]));
}

function sampleOf({ name, role, instances }: OperatorState, look: Look): VertexSample {
  const rates = look.means(name, GAUGE_SECONDS);
  const lag = sum(instances.map(({ backlogRecords }) => backlogRecords ?? 0));
  const recordsIn = sum(instances.map(({ totals }) => totals.recordsIn));
  const at = { seconds: look.state.timeSeconds, recordsIn, lag };
  if (rates === null) return { ...at, recordsInPerSecond: null, load: null, observedRate: null };
  const recordsInPerSecond = sum(rates.map((one) => one.recordsInPerSecond));
  const heldUp = mean(rates.map((one) => one.backpressuredMsPerSecond)) / 1000;
  const isCatchingUp = role === 'source' && lag >= OBSERVED_LAG_SECONDS * recordsInPerSecond && lag > 0;
  return {
    ...at,
    recordsInPerSecond,
    load: Math.max(...rates.map((one) => one.busyMsPerSecond)) / 1000,
    observedRate: isCatchingUp && heldUp < 1 ? recordsInPerSecond / (1 - heldUp) : null,
  };
}

/** In topological order, so that an input's target is known before it is needed. */
export function evaluateWindow(
  { operators }: TopologyState,
  samples: readonly Sample[],
  catchUpSeconds: number,
): ReadonlyMap<string, VertexRates> {
  const evaluated = new Map<string, VertexRates>();
  for (const { name, role, inputs, parallelism, selectivity } of operators) {
    const of = samplesOf(samples, name);
    const lag = of.at(-1)?.lag ?? 0;
    const fromInputs = (rate: (rates: VertexRates) => number): number =>
      sum(
        inputs.map((input) => {
          const upstream = evaluated.get(input);
          const ratio = operators.find((one) => one.name === input)?.selectivity ?? selectivity;
          return upstream === undefined ? NaN : rate(upstream) * ratio;
        }),
      );
    const isSource = role === 'source';
    evaluated.set(name, {
      parallelism,
      targetRate: isSource
        ? Math.max(0, slopeOf(of, 'recordsIn') + slopeOf(of, 'lag'))
        : fromInputs(({ targetRate }) => targetRate),
      catchUpRate: isSource ? lag / catchUpSeconds : fromInputs(({ catchUpRate }) => catchUpRate),
      trueProcessingRate: trueRateOf(of),
    });
  }
  return evaluated;
}

/** backlog-processing.lag-threshold: whether a source has more to catch up on than so much of its rate. */
export function processesBacklog(state: TopologyState, samples: readonly Sample[], thresholdSeconds: number): boolean {
  return state.operators.some(({ name, role }) => {
    const of = samplesOf(samples, name);
    return role === 'source' && (of.at(-1)?.lag ?? 0) > thresholdSeconds * slopeOf(of, 'recordsIn');
  });
}

function samplesOf(samples: readonly Sample[], name: string): readonly VertexSample[] {
  return samples.flatMap((sample) => sample.get(name) ?? []);
}

/** By its first and last sample, per second. */
function slopeOf(samples: readonly VertexSample[], counter: 'recordsIn' | 'lag'): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || first === last) return NaN;
  return (last[counter] - first[counter]) / (last.seconds - first.seconds);
}

/** Rate over busy time, or what sources were seen to do while they caught up, where the former is well above that. */
function trueRateOf(samples: readonly VertexSample[]): number {
  const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
  const rate = mean(known(samples.map(({ recordsInPerSecond }) => recordsInPerSecond)));
  const load = mean(known(samples.map((sample) => sample.load)));
  const byBusyTime = rate === 0 ? Infinity : rate / load;
  const observed = known(samples.map(({ observedRate }) => observedRate));
  if (observed.length < MIN_OBSERVATIONS) return byBusyTime;
  const seen = mean(observed);
  return !Number.isFinite(byBusyTime) || byBusyTime > seen * (1 + SWITCH_THRESHOLD) ? seen : byBusyTime;
}
