// Plays a peer's rule against a simulated topology. What it asks for happens at once, with one restart for all of it.
import { createFluidTopology, type FluidTopology, type ParallelismChange } from '../../src/simulator/fluid-topology.js';
import { createSeededRandom } from '../../src/simulator/seeded-random.js';
import type { InstanceRates, TopologyState } from '../../src/simulator/topology-state.js';
import { createTotalsWindow, type TotalsWindow } from '../../src/simulator/totals-window.js';
import { createAccount, type RunFigures } from './account.js';
import { STEP_SECONDS, sum, type Look, type Peer } from './peer.js';
import type { PlayedScenario } from './decision-scenarios.js';

/** The longest mean that a rule asks for. */
const LONGEST_SECONDS = 300;

export function runPeer(peer: Peer, scenario: PlayedScenario, seed: number): RunFigures {
  const { spec, hours, fault, noise, maxParallelism } = scenario;
  const topology = createFluidTopology(spec, seed);
  const account = createAccount(spec, scenario.needed);
  const sight = createSight(topology, noise, seed);
  const asked = new Map<string, number>();
  const actionSeconds: number[] = [];
  for (let seconds = 0; seconds < hours * 3600; seconds += STEP_SECONDS) {
    if (fault?.atSeconds === seconds) fault.befall(topology);
    topology.step(STEP_SECONDS);
    scenario.observe?.(topology);
    account.observe(topology);
    const look = sight();
    if (look.runningForSeconds <= 0) continue;
    const changes = news(peer.decide(look), asked, look.state, maxParallelism);
    if (changes.length === 0) continue;
    for (const { operator, parallelism } of changes) asked.set(operator, parallelism);
    topology.rescaleTogether(changes);
    actionSeconds.push(look.state.timeSeconds);
  }
  return account.sumUp(topology, actionSeconds);
}

/** Within bounds, without what is so already, and without what was asked for last and not granted. */
function news(
  changes: readonly ParallelismChange[],
  asked: ReadonlyMap<string, number>,
  { operators }: TopologyState,
  maxParallelism: number,
): readonly ParallelismChange[] {
  const within = changes.map(({ operator, parallelism }) => ({
    operator,
    parallelism: Math.min(maxParallelism, parallelism),
  }));
  const present = new Map(operators.map(({ name, parallelism }) => [name, parallelism]));
  return within.filter(({ operator, parallelism }) => {
    return present.get(operator) !== parallelism && asked.get(operator) !== parallelism;
  });
}

function createSight(topology: FluidTopology, noise: PlayedScenario['noise'], seed: number): () => Look {
  const window = createTotalsWindow(LONGEST_SECONDS);
  const random = createSeededRandom(seed);
  const arrivals: ReadonlyMap<string, number>[] = [];
  return () => {
    const state = topology.state();
    window.observe(state);
    arrivals.push(new Map(state.operators.map(({ name, ledger }) => [name, ledger.received])));
    const share = noise?.share ?? 0;
    const factor = (): number => Math.max(0, 1 + share * random.gaussian());
    return {
      state,
      runningForSeconds: state.isRunning ? state.timeSeconds - state.runningSinceSeconds : 0,
      means: (operator, seconds) => {
        if (!state.isRunning || (noise !== undefined && random.uniform() < noise.missing)) return null;
        const rates = ratesOf(state, operator, window, seconds);
        return noise === undefined ? rates : withNoise(rates, factor);
      },
      arrived: (source, seconds) => {
        const steps = Math.min(arrivals.length - 1, seconds / STEP_SECONDS);
        const total = (back: number): number => arrivals.at(-1 - back)?.get(source) ?? 0;
        return (total(0) - total(steps)) / (steps * STEP_SECONDS);
      },
    };
  };
}

function ratesOf(state: TopologyState, operator: string, window: TotalsWindow, seconds: number): InstanceRates[] {
  const instances = state.operators.find(({ name }) => name === operator)?.instances ?? [];
  return instances.map(({ index }) => window.rates(operator, index, seconds));
}

/** All instances with the same load, each reading independent, as in the policy's sensors (test/scenarios/noisy-sensors.ts). */
function withNoise(rates: readonly InstanceRates[], factor: () => number): readonly InstanceRates[] {
  const [busy, heldUp, records] = [factor(), factor(), factor()];
  return rates.map((one) => ({
    ...one,
    busyMsPerSecond: Math.min(1000, one.busyMsPerSecond * busy),
    backpressuredMsPerSecond: Math.min(1000, one.backpressuredMsPerSecond * heldUp),
    recordsInPerSecond: one.recordsInPerSecond * records,
    recordsOutPerSecond: one.recordsOutPerSecond * records,
  }));
}

/** Instances of all operators; what tests look at. */
export function totalInstances(state: TopologyState): number {
  return sum(state.operators.map(({ parallelism }) => parallelism));
}
