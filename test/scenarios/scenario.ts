// The scenarios that the control law was designed on: a topology's start, its offered load, and its faults.
import type { ClosedLoopOptions } from '../support/closed-loop.js';
import type { FluidTopology } from '../../src/simulator/fluid-topology.js';
import { stepLoad, waveLoad, type OfferedLoad } from '../../src/simulator/load-curve.js';
import { HERON_PHYSICS, type SimulatedOperator, type TopologySpec } from '../../src/simulator/topology-spec.js';
import { wordCountSpec } from '../../src/simulator/word-count.js';

export interface Kind {
  readonly engine: 'flink' | 'heron';
  readonly source: 'push' | 'kafka';
  readonly hasMoreSensors?: boolean;
}

export interface Scenario {
  readonly title: string;
  readonly hours: number;
  readonly spec: (source: Kind['source']) => Omit<TopologySpec, 'physics'>;
  /** The fault, and when it happens. */
  readonly fault?: { readonly atSeconds: number; readonly befall: (topology: FluidTopology) => void };
  readonly loop?: Pick<ClosedLoopOptions, 'policy' | 'resolvers'>;
  /** Relative noise of the sensors, and the share of the looks at which an operator's sensors are missing. */
  readonly noise?: { readonly share: number; readonly missing: number };
}

/** 3 % of noise on the load, a minute long. */
const LOAD_NOISE = { share: 0.03, correlationSeconds: 60 };
const HOUR = 3600;
const UNEVEN = { kind: 'spread', share: 0.1 } as const;

type WordCount = Parameters<typeof wordCountSpec>[0];

function wordCount(options: WordCount): Scenario['spec'] {
  return (sourceKind) => wordCountSpec({ loadNoise: LOAD_NOISE, sourceKind, ...options });
}

/** Operators of 100 records/s an instance behind a source that could read twice the offered load. */
function topologyOf(name: string, offered: OfferedLoad, inner: readonly SimulatedOperator[]): Scenario['spec'] {
  return (kind) => {
    const source = { name: 'source', parallelism: 1, capacity: 2000, source: { kind, offered } };
    return { name, operators: [source, ...inner], loadNoise: LOAD_NOISE };
  };
}

function operatorOf(name: string, parallelism: number, inputs: readonly string[], capacity = 100): SimulatedOperator {
  return { name, parallelism, capacity, inputs };
}

function diamond(a: number, b: number, join: number): Scenario['spec'] {
  return topologyOf('diamond', 1000, [
    operatorOf('a', a, ['source']),
    operatorOf('b', b, ['source']),
    operatorOf('join', join, ['a', 'b'], 250),
  ]);
}

function sourceShort(kind: Kind['source']): ReturnType<Scenario['spec']> {
  const source = { name: 'source', parallelism: 2, capacity: 200, source: { kind, offered: 800 } };
  return { name: 'short', operators: [source, operatorOf('work', 10, ['source'])], loadNoise: LOAD_NOISE };
}

function chain(kind: Kind['source']): ReturnType<Scenario['spec']> {
  const stages = [1, 2, 3, 4, 5, 6].map((n) => operatorOf(`s${n}`, 3, [n === 1 ? 'source' : `s${n - 1}`]));
  return topologyOf('chain', 900, stages)(kind);
}

const STEPS = stepLoad([
  { fromSeconds: 0, recordsPerSecond: 500 },
  { fromSeconds: HOUR, recordsPerSecond: 1500 },
  { fromSeconds: 2 * HOUR, recordsPerSecond: 700 },
]);

function slow(incurable: boolean): NonNullable<Scenario['fault']> {
  const befall = (topology: FluidTopology): void => {
    topology.setSlowInstance('split', { index: 3, factor: 10 / 3, incurable });
  };
  return { atSeconds: HOUR / 4, befall };
}

function hotKey(share: number, incurable: boolean): NonNullable<Scenario['fault']> {
  const befall = (topology: FluidTopology): void => {
    topology.setHotKey('count', { share, instance: 5, incurable });
  };
  return { atSeconds: 0, befall };
}

export const SCENARIOS = {
  a: {
    title: 'word count 1/1',
    hours: 8,
    spec: wordCount({ split: { parallelism: 1 }, count: { parallelism: 1 } }),
  },
  "a'": {
    title: 'word count 1/1, ±10 % keys',
    hours: 8,
    spec: wordCount({ split: { parallelism: 1 }, count: { parallelism: 1, keySkew: UNEVEN } }),
  },
  b1: { title: 'diamond, a too small', hours: 8, spec: diamond(5, 12, 10) },
  b2: { title: 'diamond, join too small', hours: 8, spec: diamond(12, 12, 4) },
  c: { title: 'load × 0.5, 1.5, 0.7', hours: 4, spec: wordCount({ offered: STEPS }) },
  d: {
    title: 'wave of an hour, × 0.3 to 1.7',
    hours: 8,
    spec: wordCount({ offered: waveLoad(1000, 700, HOUR), source: { capacity: 3400 } }),
  },
  e: {
    title: 'twice what is needed',
    hours: 24,
    spec: wordCount({ split: { parallelism: 20 }, count: { parallelism: 40 } }),
  },
  f1: { title: 'slow instance', hours: 8, spec: wordCount({ offered: 800 }), fault: slow(false) },
  f2: { title: 'slow instance, incurable', hours: 8, spec: wordCount({ offered: 800 }), fault: slow(true) },
  f3: { title: 'hot key of 10 %', hours: 8, spec: wordCount({ offered: 800 }), fault: hotKey(0.1, false) },
  f4: { title: 'hot key of 4 %, incurable', hours: 8, spec: wordCount({ offered: 800 }), fault: hotKey(0.04, true) },
  f5: {
    title: 'half of what is needed, ±10 % keys',
    hours: 8,
    spec: wordCount({ split: { parallelism: 5 }, count: { parallelism: 10, keySkew: UNEVEN } }),
  },
  g: { title: 'source too small', hours: 8, spec: sourceShort },
  h: {
    title: 'as e, sensors with 10 % noise, 5 % missing',
    hours: 24,
    spec: wordCount({ split: { parallelism: 20 }, count: { parallelism: 40 } }),
    noise: { share: 0.1, missing: 0.05 },
  },
  i: { title: 'chain of six, a third of what is needed', hours: 8, spec: chain },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly ScenarioName[];

export function specOf(scenario: Scenario, { engine, source }: Kind): TopologySpec {
  const spec = scenario.spec(source);
  return engine === 'heron' ? { ...spec, physics: HERON_PHYSICS } : spec;
}
