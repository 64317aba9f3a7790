// What a run is measured by, the same for all policies: looked at every STEP_SECONDS, before anything is changed.
import { analyticParallelism } from '../../src/simulator/analytic-parallelism.js';
import type { FluidTopology } from '../../src/simulator/fluid-topology.js';
import { offeredAt } from '../../src/simulator/load-curve.js';
import { isSource, type TopologySpec } from '../../src/simulator/topology-spec.js';
import type { InstanceState, OperatorState, TopologyState } from '../../src/simulator/topology-state.js';
import { mean, sum } from './peer.js';

export interface RunFigures {
  readonly actions: number;
  /** 0: none. */
  readonly lastActionMinutes: number;
  /** Share of time in which input was suspended; all of a restart gap counts. */
  readonly suspendedShare: number;
  /** Instance-hours over those of one who knows the load beforehand and fills every instance. */
  readonly cost: number;
  /** Of what was offered, what the sources took in. */
  readonly processedShare: number;
  /** Kafka: minutes of the load at the end that wait at the end. */
  readonly backlogMinutes: number;
}

export interface Account {
  readonly observe: (topology: FluidTopology) => void;
  readonly sumUp: (topology: FluidTopology, actionSeconds: readonly number[]) => RunFigures;
}

/** @param neededAlways instances that it needs, if its spec does not define them */
export function createAccount(spec: TopologySpec, neededAlways?: number): Account {
  const counted = countedOperators(spec);
  const needs = neededAlways === undefined ? createNeeds(spec, counted) : (): number => neededAlways;
  let before: TopologyState | null = null;
  let suspendedSeconds = 0;
  let used = 0;
  let needed = 0;
  return {
    observe: (topology) => {
      const state = topology.state();
      const seconds = state.timeSeconds - (before?.timeSeconds ?? 0);
      suspendedSeconds += suspendedBetween(before, state);
      used += seconds * sum(state.operators.map(({ name, parallelism }) => (counted.includes(name) ? parallelism : 0)));
      needed += seconds * needs(state.timeSeconds);
      before = state;
    },
    sumUp: (topology, actionSeconds) => {
      const { timeSeconds, operators } = topology.state();
      const sources = operators.filter(({ role }) => role === 'source');
      const backlog = sum(sources.flatMap(({ instances }) => instances.map((one) => one.backlogRecords ?? 0)));
      const offered = sum(
        spec.operators.map((one) => (isSource(one) ? offeredAt(one.source.offered, timeSeconds) : 0)),
      );
      return {
        actions: actionSeconds.length,
        lastActionMinutes: (actionSeconds.at(-1) ?? 0) / 60,
        suspendedShare: suspendedSeconds / timeSeconds,
        cost: used / needed,
        processedShare:
          sum(sources.map(({ ledger }) => ledger.processed)) / sum(sources.map(({ ledger }) => ledger.received)),
        backlogMinutes: offered > 0 ? backlog / offered / 60 : 0,
      };
    },
  };
}

/** Restart gap, and of the rest the mean share of time in which the sources were held up. */
export function suspendedBetween(before: TopologyState | null, now: TopologyState): number {
  const from = before?.timeSeconds ?? 0;
  const gap = Math.max(0, Math.min(now.timeSeconds, now.runningSinceSeconds) - from);
  const isSameRun = before?.restarts === now.restarts;
  const heldUpMs = ({ instances }: OperatorState, old: OperatorState | undefined): readonly number[] =>
    instances.map(
      ({ totals, index }) => totals.backpressuredMs - backpressuredMs(isSameRun ? old?.instances[index] : undefined),
    );
  const sources = now.operators.filter(({ role }) => role === 'source');
  const held = sources.flatMap((source) =>
    heldUpMs(
      source,
      before?.operators.find(({ name }) => name === source.name),
    ),
  );
  return gap + mean(held) / 1000;
}

function backpressuredMs(instance: InstanceState | undefined): number {
  return instance?.totals.backpressuredMs ?? 0;
}

/** All where a source starts with more than one instance, which is where it matters; else the inner ones. */
function countedOperators(spec: TopologySpec): readonly string[] {
  const isAboutSource = spec.operators.some((operator) => isSource(operator) && operator.parallelism > 1);
  return spec.operators.filter((operator) => isAboutSource || !isSource(operator)).map(({ name }) => name);
}

/** Instances that the load of a time needs, faults left out. A constant load is looked at once. */
function createNeeds(spec: TopologySpec, counted: readonly string[]): (seconds: number) => number {
  const at = (seconds: number): number => {
    const needed = analyticParallelism(spec, seconds);
    return sum(counted.map((name) => needed.get(name) ?? 0));
  };
  const isConstant = spec.operators.every((one) => !isSource(one) || typeof one.source.offered === 'number');
  if (!isConstant) return at;
  const always = at(0);
  return () => always;
}
