// Dhalion's sensors on a simulated topology, without Prometheus and without wall time: windowed means of the instances
// present now, over samples taken at every step; nothing is seen in a restart gap.
import type { OperatorMeasurement, TopologyMeasurement } from '../../src/model/measurement.js';
import type { FluidTopology } from '../../src/simulator/fluid-topology.js';
import type { InstanceState, OperatorState, TopologyState } from '../../src/simulator/topology-state.js';
import { createTotalsWindow, type TotalsWindow } from '../../src/simulator/totals-window.js';
import { MISSING, NOT_APPLICABLE, flinkTopology, operatorOf, type Absent } from './measurements.js';

export interface SimulatedSensors {
  /** Steps the topology, with a sample after each step. */
  pass(seconds: number): void;
  /** Times are simulated, as if the simulation had begun at Unix time 0. */
  measure(): TopologyMeasurement;
}

interface Engine {
  readonly flavour: 'flink' | 'heron';
  readonly hasBusy: boolean;
  readonly hasBacklog: boolean;
}

/** As in the sensors: a short restart does not hide a window's minimum. */
const MIN_COVERAGE = 0.9;

interface Look {
  readonly state: TopologyState;
  /** Share of the step in which the sources were suspended. */
  readonly suspended: number;
}

/**
 * @param flavour the engine's sensors: Flink's (busy and backlog; victims) or Heron's (neither, unless added; culprits)
 * `meterSeconds` span over which the engine itself averages its metrics; 0: it reports the values of each step.
 */
export function createSimulatedSensors(
  topology: FluidTopology,
  flavour: 'flink' | 'heron',
  {
    windowSeconds = 120,
    stepSeconds = 5,
    meterSeconds = 0,
    hasBusy = flavour === 'flink',
    hasBacklog = flavour === 'flink',
  } = {},
): SimulatedSensors {
  const engine: Engine = { flavour, hasBusy, hasBacklog };
  let looks: Look[] = [];
  let before = topology.state();
  const meters = meterSeconds > 0 ? createTotalsWindow(meterSeconds) : null;
  const look = (seconds: number): void => {
    topology.step(seconds);
    const state = topology.state();
    const suspendedMs = state.suspendedMs - (state.restarts === before.restarts ? before.suspendedMs : 0);
    const reported = meters === null ? state : asMetered(state, meters, meterSeconds);
    looks.push({ state: reported, suspended: suspendedMs / (1000 * seconds) });
    looks = looks.filter(({ state: { timeSeconds } }) => timeSeconds > state.timeSeconds - windowSeconds + 1e-9);
    before = state;
  };
  return {
    pass: (seconds) => {
      for (let left = seconds; left > 1e-9; left -= stepSeconds) look(Math.min(left, stepSeconds));
    },
    measure: () => {
      const seen = looks.filter(({ state }) => state.isRunning);
      const covers = seen.length >= MIN_COVERAGE * (windowSeconds / stepSeconds);
      const empty = flinkTopology({}, before.timeSeconds * 1000);
      return {
        ...empty,
        topology: before.name,
        windowMs: windowSeconds * 1000,
        backpressureReportedBy: flavour === 'flink' ? 'victim' : 'culprit',
        operators: before.operators.map((operator) => measureOperator(operator, before, seen, covers, engine)),
        suspendedRatio: suspendedReading(before, seen, flavour),
      };
    },
  };
}

/** As an engine's own meters show it: times are means of the observed span, records are divided by the whole span. */
function asMetered(state: TopologyState, meters: TotalsWindow, seconds: number): TopologyState {
  meters.observe(state);
  if (!state.isRunning) return state;
  const operators = state.operators.map((operator) => ({
    ...operator,
    instances: operator.instances.map((instance) => {
      const times = meters.rates(operator.name, instance.index, seconds);
      const { recordsInPerSecond, recordsOutPerSecond } = meters.meter(operator.name, instance.index, seconds);
      return { ...instance, lastStep: { ...times, recordsInPerSecond, recordsOutPerSecond } };
    }),
  }));
  return { ...state, operators };
}

function measureOperator(
  now: OperatorState,
  state: TopologyState,
  seen: readonly Look[],
  covers: boolean,
  engine: Engine,
): OperatorMeasurement {
  const { flavour } = engine;
  const isSource = now.role === 'source';
  const of = (applies: boolean, value: (instance: InstanceState) => number): number[] | Absent => {
    if (!applies) return NOT_APPLICABLE;
    return state.isRunning ? now.instances.map(({ index }) => mean(seriesOf(seen, now, index, value))) : MISSING;
  };
  const totals = (value: (instance: InstanceState) => number): [number, number][] =>
    seen.map(({ state }) => [state.timeSeconds, sum((find(state, now)?.instances ?? []).map(value))]);
  const rateOf = ({ lastStep }: InstanceState): number => lastStep.recordsInPerSecond;
  const backlogOf = ({ backlogRecords }: InstanceState): number => backlogRecords ?? 0;
  const hasBacklog = engine.hasBacklog && now.sourceKind === 'kafka';
  const pressureOf = ({ lastStep }: InstanceState): number =>
    (flavour === 'flink' ? lastStep.backpressuredMsPerSecond : lastStep.culpritMsPerSecond) / 1000;
  const pendingOf = ({ pendingPackets, lastStep }: InstanceState): number =>
    flavour === 'flink' ? correctedByIdleTime(pendingPackets, lastStep.idleMsPerSecond) : pendingPackets;
  return operatorOf(now.name, {
    source: isSource,
    inputs: [...now.inputs],
    parallelism: state.isRunning ? now.parallelism : null,
    backpressure: of(flavour === 'flink' || !isSource, pressureOf),
    pending: of(!isSource, pendingOf),
    pendingSlope: slope(totals(pendingOf)),
    rate: of(true, rateOf),
    lowestRate: covers ? Math.min(...totals(rateOf).map(([, total]) => total)) : null,
    busy: of(engine.hasBusy, ({ lastStep }) => lastStep.busyMsPerSecond / 1000),
    backlog: !hasBacklog ? NOT_APPLICABLE : state.isRunning ? sum(now.instances.map(backlogOf)) : MISSING,
    backlogSlope: slope(totals(backlogOf)),
    largestOffered: largestOffered(now, seen, rateOf, backlogOf),
  });
}

/** The largest of each instance's rate plus the slope of its backlog, records/s. */
function largestOffered(
  operator: OperatorState,
  seen: readonly Look[],
  rateOf: (instance: InstanceState) => number,
  backlogOf: (instance: InstanceState) => number,
): number | null {
  const rates = operator.instances.map(({ index }) => {
    const growth = slope(
      seen.flatMap(({ state }): [number, number][] => {
        const instance = find(state, operator)?.instances[index];
        return instance === undefined ? [] : [[state.timeSeconds, backlogOf(instance)]];
      }),
    );
    return growth === null ? null : growth + mean(seriesOf(seen, operator, index, rateOf));
  });
  return rates.reduce((largest, one) => (largest === null || one === null ? null : Math.max(largest, one)), 0);
}

function suspendedReading(
  now: TopologyState,
  seen: readonly Look[],
  flavour: 'flink' | 'heron',
): TopologyMeasurement['suspendedRatio'] {
  if (flavour === 'flink') return NOT_APPLICABLE;
  return now.isRunning ? { kind: 'measured', ratio: mean(seen.map(({ suspended }) => suspended)) } : MISSING;
}

function seriesOf(
  seen: readonly Look[],
  operator: OperatorState,
  index: number,
  value: (instance: InstanceState) => number,
): number[] {
  return seen.flatMap(({ state }) => {
    const instance = find(state, operator)?.instances[index];
    return instance === undefined ? [] : [value(instance)];
  });
}

function find(state: TopologyState, { name }: OperatorState): OperatorState | undefined {
  return state.operators.find((operator) => operator.name === name);
}

/** Least squares, per second; null with fewer than 3 points. */
function slope(points: readonly [number, number][]): number | null {
  if (points.length < 3) return null;
  const meanTime = mean(points.map(([time]) => time));
  const meanValue = mean(points.map(([, value]) => value));
  const spread = sum(points.map(([time]) => (time - meanTime) ** 2));
  return sum(points.map(([time, value]) => (time - meanTime) * (value - meanValue))) / spread;
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** As the engine `flink` does; another test compares that with Prometheus. */
function correctedByIdleTime(queue: number, idleMsPerSecond: number): number {
  return Math.min(queue, Math.max(500 / idleMsPerSecond - 1, 0));
}
