// Plays a scenario through the closed loop and summarizes the result.
import type { Action } from '../../src/model/action.js';
import type { Outcome } from '../../src/model/outcome.js';
import type { ActionKind } from '../../src/model/resolver.js';
import { analyticParallelism } from '../../src/simulator/analytic-parallelism.js';
import type { FluidTopology } from '../../src/simulator/fluid-topology.js';
import { offeredAt } from '../../src/simulator/load-curve.js';
import { isSource, type TopologySpec } from '../../src/simulator/topology-spec.js';
import { createClosedLoop, START_MS, type ClosedLoopOptions } from '../support/closed-loop.js';
import { createNoisySensors } from './noisy-sensors.js';
import { specOf, type Kind, type Scenario } from './scenario.js';

export interface ScenarioResult {
  readonly actions: readonly Action[];
  readonly ups: number;
  readonly downs: number;
  /** Restarts and rebalances. */
  readonly restarts: number;
  readonly reverts: number;
  /** When the last action was claimed, minutes; 0: never. */
  readonly lastActionMinutes: number;
  /** Parallelism of the inner operators, or of all if the scenario is about a source. */
  readonly finalParallelism: readonly number[];
  /** The need of the final load, without faults. */
  readonly needed: readonly number[];
  /** Largest total parallelism over the total needed at that moment. */
  readonly overshoot: number;
  /** Instance-seconds divided by those needed. */
  readonly cost: number;
  /** Share of time in which input was suspended, restarts included. */
  readonly suspendedShare: number;
  /** Push sources: share of the offered records that was taken in. */
  readonly processedShare: number;
  /** Kafka sources: final backlog, in minutes of the final load. */
  readonly backlogMinutes: number;
}

type Profile = Pick<ClosedLoopOptions, 'evaluationIntervalSeconds' | 'windowSeconds'>;

export const FAST: Profile = { evaluationIntervalSeconds: 60, windowSeconds: 120 };
/** The configuration's defaults. */
export const DEFAULT: Profile = { evaluationIntervalSeconds: 300, windowSeconds: 300 };

export async function playScenario(
  scenario: Scenario,
  kind: Kind,
  options: { readonly seed?: number; readonly profile?: Profile } = {},
): Promise<ScenarioResult> {
  const { seed = 1, profile = FAST } = options;
  const spec = specOf(scenario, kind);
  const account = createAccount(spec);
  const distort = scenario.noise === undefined ? {} : { distort: createNoisySensors(scenario.noise, seed) };
  const loop = await createClosedLoop({
    ...{
      spec,
      engine: kind.engine,
      hasMoreSensors: kind.hasMoreSensors === true,
      seed,
      onStep: account.observe,
    },
    ...profile,
    ...scenario.loop,
    ...distort,
  });
  try {
    const { fault } = scenario;
    const faultAtSeconds = fault?.atSeconds ?? 0;
    await loop.run(faultAtSeconds);
    fault?.befall(loop.topology);
    await loop.run(scenario.hours * 3600 - faultAtSeconds);
    return account.sumUp(loop.topology, await loop.actions());
  } finally {
    await loop.close();
  }
}

interface Account {
  readonly observe: (topology: FluidTopology) => void;
  readonly sumUp: (topology: FluidTopology, actions: readonly Action[]) => ScenarioResult;
}

function createAccount(spec: TopologySpec): Account {
  const counted = countedOperators(spec);
  let overshoot = 0;
  let used = 0;
  let needed = 0;
  let steps = 0;
  let suspended = 0;
  return {
    observe: (topology) => {
      const state = topology.state();
      const need = sum(neededAt(spec, counted, state.timeSeconds));
      const has = sum(parallelismOf(topology, counted));
      const sources = state.operators.filter(({ role }) => role === 'source').flatMap(({ instances }) => instances);
      const heldUp = sum(sources.map(({ lastStep }) => lastStep.backpressuredMsPerSecond)) / 1000 / sources.length;
      overshoot = Math.max(overshoot, has / need);
      used += has;
      needed += need;
      steps += 1;
      suspended += !state.isRunning || state.isSuspended ? 1 : heldUp;
    },
    sumUp: (topology, actions) => {
      const { timeSeconds, operators } = topology.state();
      const sources = operators.filter(({ role }) => role === 'source');
      const received = sum(sources.map(({ ledger }) => ledger.received));
      const backlog = sum(sources.flatMap(({ instances }) => instances.map((one) => one.backlogRecords ?? 0)));
      const offered = sum(
        spec.operators.map((one) => (isSource(one) ? offeredAt(one.source.offered, timeSeconds) : 0)),
      );
      return {
        actions,
        ups: countOf(actions, 'scale_up'),
        downs: countOf(actions, 'scale_down'),
        restarts: countOf(actions, 'restart_instances') + countOf(actions, 'rebalance'),
        reverts: countOf(actions, 'revert'),
        lastActionMinutes: minutesOf(actions.at(-1)),
        finalParallelism: parallelismOf(topology, counted),
        needed: neededAt(spec, counted, timeSeconds - 1),
        overshoot,
        cost: used / needed,
        suspendedShare: suspended / steps,
        processedShare: sum(sources.map(({ ledger }) => ledger.processed)) / received,
        backlogMinutes: offered > 0 ? backlog / offered / 60 : 0,
      };
    },
  };
}

/** All operators if a source starts with more than one instance, which is where it matters; else the inner ones. */
function countedOperators(spec: TopologySpec): readonly string[] {
  const isAboutSource = spec.operators.some((operator) => isSource(operator) && operator.parallelism > 1);
  return spec.operators.filter((operator) => isAboutSource || !isSource(operator)).map(({ name }) => name);
}

function neededAt(spec: TopologySpec, counted: readonly string[], seconds: number): readonly number[] {
  const needed = analyticParallelism(spec, seconds);
  return counted.map((name) => needed.get(name) ?? 0);
}

function parallelismOf(topology: FluidTopology, counted: readonly string[]): readonly number[] {
  const { operators } = topology.state();
  return counted.map((name) => operators.find((operator) => operator.name === name)?.parallelism ?? 0);
}

function minutesOf(action: Action | undefined): number {
  return action === undefined ? 0 : (action.claimedAtMs - START_MS) / 60_000;
}

function countOf(actions: readonly Action[], kind: ActionKind): number {
  return actions.filter(({ resolver }) => resolver === kind).length;
}

export function outcomesOf(actions: readonly Action[], kind: ActionKind): readonly (Outcome | null)[] {
  return actions.filter(({ resolver }) => resolver === kind).map(({ outcome }) => outcome);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
