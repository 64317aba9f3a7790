// What the policies are compared on: the scenarios that the sizing of plans was designed on, and random topologies. Word count
// needs 10/20 at full instances; its source could read twice what is offered; loads carry 3 % of noise.
import type { FluidTopology } from '../../src/simulator/fluid-topology.js';
import { createSeededRandom } from '../../src/simulator/seeded-random.js';
import { stepLoad } from '../../src/simulator/load-curve.js';
import {
  HERON_PHYSICS,
  isSource,
  type SimulatedInner,
  type SimulatedOperator,
  type TopologySpec,
} from '../../src/simulator/topology-spec.js';
import { analyticLoad } from '../../src/simulator/analytic-parallelism.js';
import { wordCountSpec, type WordCountOptions } from '../../src/simulator/word-count.js';
import { SCENARIOS, type Kind, type Scenario } from '../scenarios/scenario.js';
import { neededSublinearly, withSublinearCapacity } from './sublinear-capacity.js';

export interface DecisionScenario {
  readonly title: string;
  readonly hours: number;
  readonly spec: (source: Kind['source'], seed: number) => Omit<TopologySpec, 'physics'>;
  readonly fault?: Scenario['fault'];
  readonly noise?: Scenario['noise'];
  /** Of operators; default 200. */
  readonly maxParallelism?: number;
  /** Instances together can do capacity × p ^ exponent; default 1. */
  readonly capacityExponent?: number;
}

/** A scenario made ready for one run. */
export interface PlayedScenario {
  readonly spec: TopologySpec;
  readonly hours: number;
  readonly maxParallelism: number;
  readonly fault?: NonNullable<Scenario['fault']>;
  readonly noise?: NonNullable<Scenario['noise']>;
  /** Call after every step. */
  readonly observe?: (topology: FluidTopology) => void;
  /** Instances that the load needs, if capacities and load do not define them. */
  readonly needed?: number;
}

const LOAD_NOISE = { share: 0.03, correlationSeconds: 60 };
/** Most settle within the first; a scale-down waits for more than one; a reversal shows within another. */
const HOURS = 3;

function wordCount(options: WordCountOptions): DecisionScenario['spec'] {
  return (sourceKind) => wordCountSpec({ loadNoise: LOAD_NOISE, sourceKind, ...options });
}

function known(name: keyof typeof SCENARIOS, title: string, hours = HOURS): DecisionScenario {
  const { spec, ...rest }: Scenario = SCENARIOS[name];
  return { ...rest, title, hours, spec };
}

function twoSources(kind: Kind['source']): ReturnType<DecisionScenario['spec']> {
  const source = (name: string): SimulatedOperator => {
    return { name, parallelism: 1, capacity: 1000, source: { kind, offered: 500 } };
  };
  const inner = (name: string, parallelism: number, inputs: readonly string[], capacity = 50): SimulatedInner => {
    return { name, parallelism, capacity, inputs };
  };
  const operators = [
    ...[source('s1'), source('s2'), inner('a', 4, ['s1']), inner('b', 12, ['s2'])],
    inner('join', 12, ['a', 'b'], 100),
  ];
  return { name: 'joined', operators, loadNoise: LOAD_NOISE };
}

/** Ten minutes of load wait from the start. */
function behind(kind: Kind['source']): ReturnType<DecisionScenario['spec']> {
  const waiting = kind === 'kafka' ? 600 : 1;
  const offered = stepLoad([
    { fromSeconds: 0, recordsPerSecond: 800 * waiting },
    { fromSeconds: 1, recordsPerSecond: 800 },
  ]);
  const source = { name: 'source', parallelism: 2, capacity: 200, source: { kind, offered } };
  const work = { name: 'work', parallelism: 10, capacity: 100, inputs: ['source'] };
  return { name: 'short', operators: [source, work], loadNoise: LOAD_NOISE };
}

/**
 * Another topology each seed: a source and 2 to 6 operators, each with 1 or 2 inputs among those before it, that start with
 * 0.3 to 2 times what they need.
 */
function randomTopology(kind: Kind['source'], seed: number): ReturnType<DecisionScenario['spec']> {
  const random = createSeededRandom(seed * 7919);
  const between = (least: number, most: number): number => least + (most - least) * random.uniform();
  const offered = Math.round(between(200, 800));
  const operators: SimulatedOperator[] = [
    { name: 'o0', parallelism: 1, capacity: 2 * offered, source: { kind, offered } },
  ];
  const emitted = [offered];
  const inner = 2 + Math.floor(between(0, 5));
  for (let index = 1; index <= inner; index += 1) {
    const inputs = new Set([Math.floor(between(0, index)), Math.floor(between(0, index))]);
    const load = [...inputs].reduce((total, input) => total + (emitted[input] ?? 0), 0);
    const capacity = load / between(3, 12);
    const selectivity = between(0.5, 1.5);
    const parallelism = Math.max(1, Math.round((load / capacity) * between(0.3, 2)));
    const names = [...inputs].map((input) => `o${input}`);
    operators.push({ name: `o${index}`, parallelism, capacity, selectivity, inputs: names });
    emitted.push(load * selectivity);
  }
  return { name: 'random', operators, loadNoise: LOAD_NOISE };
}

export const DECISION_SCENARIOS = {
  word_count: known('a', 'word count 1/1'),
  uneven_keys: known("a'", 'the same, keys ±10 %'),
  diamond: known('b1', 'diamond, one branch short'),
  steps: known('c', 'load × 0.5, 1.5, 0.7, an hour each', 4),
  cosine: known('d', 'wave of 60 min, ± 0.7', 4),
  too_many: known('e', 'constant, twice too many'),
  slow_curable: known('f1', 'slow instance, curable'),
  slow: known('f2', 'slow instance, not curable'),
  hot_key_curable: known('f3', 'hot key (10 %), a rebalance cures'),
  hot_key: known('f4', 'hot key (4 %), nothing cures'),
  source_behind: { title: 'source short, 600 s behind', hours: HOURS, spec: behind },
  noisy: known('h', 'twice too many, sensors with 10 % noise, 5 % missing'),
  chain: known('i', 'chain of six, a third of what is needed'),
  slots: {
    title: '12 slots for a need of 20',
    hours: HOURS,
    spec: wordCount({ split: { parallelism: 5 }, count: { parallelism: 5, maxParallelism: 12 } }),
  },
  sublinear: {
    title: 'capacity as p ^ 0.8, 1/1',
    hours: HOURS,
    spec: wordCount({ split: { parallelism: 1 }, count: { parallelism: 1 } }),
    capacityExponent: 0.8,
  },
  long_restart: {
    title: 'restart 120 s, half of what is needed',
    hours: HOURS,
    spec: wordCount({ restartGapSeconds: 120, split: { parallelism: 5 }, count: { parallelism: 10 } }),
  },
  bounded: {
    title: 'at most 14 of 20',
    hours: HOURS,
    spec: wordCount({ split: { parallelism: 1 }, count: { parallelism: 1 } }),
    maxParallelism: 14,
  },
  two_sources: { title: 'two sources, a branch 3 × short', hours: HOURS, spec: twoSources },
  random: { title: 'random topologies, another each seed', hours: HOURS, spec: randomTopology },
} as const satisfies Record<string, DecisionScenario>;

export type DecisionScenarioName = keyof typeof DECISION_SCENARIOS;
export const DECISION_SCENARIO_NAMES = Object.keys(DECISION_SCENARIOS) as readonly DecisionScenarioName[];

export const KINDS = {
  'flink-kafka': { engine: 'flink', source: 'kafka' },
  'flink-push': { engine: 'flink', source: 'push' },
  'heron-busy': { engine: 'heron', source: 'kafka', hasMoreSensors: true },
  heron: { engine: 'heron', source: 'push' },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

export function readyToPlay(scenario: DecisionScenario, kind: Kind, seed: number): PlayedScenario {
  const { spec, hours, fault, noise, maxParallelism = 200, capacityExponent = 1 } = scenario;
  const made = spec(kind.source, seed);
  return {
    ...(capacityExponent === 1 ? { spec: inEngine(made, kind) } : sublinear(inEngine(made, kind), capacityExponent)),
    ...{ hours, maxParallelism },
    ...(fault === undefined ? {} : { fault }),
    ...(noise === undefined ? {} : { noise }),
  };
}

function inEngine(made: Omit<TopologySpec, 'physics'>, { engine }: Kind): TopologySpec {
  return engine === 'heron' ? { ...made, physics: HERON_PHYSICS } : made;
}

function sublinear(made: TopologySpec, exponent: number): Pick<PlayedScenario, 'spec' | 'observe' | 'needed'> {
  const { operators, observe } = withSublinearCapacity(made, exponent);
  const loads = analyticLoad(made);
  const needs = made.operators.map((operator) =>
    isSource(operator) ? 0 : neededSublinearly(loads.get(operator.name) ?? 0, operator.capacity, exponent),
  );
  return { spec: { ...made, operators }, observe, needed: needs.reduce((total, need) => total + need, 0) };
}
