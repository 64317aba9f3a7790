// A streaming topology as a fluid: queues fill and drain at rates, deterministically, with no wall clock. Physics as in the
// reports of Flink (bounded queues, blocking) or Heron (watermarks). The expositions render it.
import { DhalionError } from '../errors.js';
import type { HotKey } from './key-skew.js';
import { offeredAt } from './load-curve.js';
import * as runtime from './operator-runtime.js';
import type { OperatorRuntime } from './operator-runtime.js';
import { createSeededRandom } from './seeded-random.js';
import { shareIntake } from './share-intake.js';
import { inputsFirst, inputsOf, isSource, resolveSpec, type SlowInstance, type TopologySpec } from './topology-spec.js';
import type { TopologyState } from './topology-state.js';

/** Every method that names an operator (or source) throws `config_invalid` if it does not exist. */
export interface FluidTopology {
  readonly name: string;
  hasOperator(operator: string): boolean;
  /** Lets `seconds` pass, in sub-steps short enough for the smallest queue. */
  step(seconds: number): void;
  state(): TopologyState;
  /** Constant records/s from now on; with several sources and none named, split in proportion to their present loads. */
  setOfferedRate(recordsPerSecond: number, source?: string): void;
  setSlowInstance(operator: string, slow: SlowInstance | null): void;
  setHotKey(operator: string, hotKey: HotKey | null): void;
  /** Desired state: does nothing if it holds already. @returns the granted parallelism */
  rescale(operator: string, parallelism: number): number;
  /** Rescales several at once, with one restart. @returns the granted parallelisms, in their order */
  rescaleTogether(changes: readonly ParallelismChange[]): readonly number[];
  /** Cures a slow instance that is listed (empty list: any), unless it is incurable. Always restarts. */
  restartInstances(operator: string, instances: readonly number[]): void;
  /** Cures a hot key, unless it is incurable. Always restarts. */
  rebalance(operator: string): void;
}

export interface ParallelismChange {
  readonly operator: string;
  readonly parallelism: number;
}

interface Run {
  seconds: number;
  /** Start of the present run; in the future during a restart gap. */
  runningSince: number;
  restarts: number;
  isSuspended: boolean;
  suspendedMs: number;
  /** Running time within the last step. */
  ranSeconds: number;
  noise: number;
}

/** @param seed of the load's noise; the same spec, seed and calls give the same run */
export function createFluidTopology(spec: TopologySpec, seed: number): FluidTopology {
  const settings = resolveSpec(spec);
  const random = createSeededRandom(seed);
  const operators = inputsFirst(spec).map((operator) => runtime.createOperatorRuntime(operator, settings));
  const byName = new Map(operators.map((operator) => [operator.spec.name, operator]));
  const sources = operators.filter((operator) => isSource(operator.spec));
  const consumers = operators.map((upstream) =>
    [...operators.keys()].filter((index) => feeds(upstream, operators[index])),
  );
  const longestSubStep = longestStable(operators);
  const run: Run = {
    seconds: 0,
    runningSince: 0,
    restarts: 0,
    isSuspended: false,
    suspendedMs: 0,
    ranSeconds: 0,
    noise: 0,
  };

  const find = (name: string): OperatorRuntime => {
    const operator = byName.get(name);
    if (operator !== undefined) return operator;
    const known = [...byName.keys()].join(', ');
    throw new DhalionError('config_invalid', `topology ${spec.name} has no operator ${name}; it has ${known}`);
  };

  const restart = (): void => {
    for (const operator of operators) runtime.restartOperator(operator);
    run.restarts += 1;
    run.runningSince = run.seconds + settings.restartGapSeconds;
    run.isSuspended = false;
    run.suspendedMs = 0;
    run.ranSeconds = 0;
  };

  const cure = (operator: OperatorRuntime, instances: readonly number[]): void => {
    const { slow } = operator;
    if (slow === null || slow.incurable === true) return;
    if (instances.length === 0 || instances.includes(slow.index)) operator.slow = null;
  };

  const subStep = (length: number, isRunning: boolean): void => {
    const { loadNoise } = settings;
    if (loadNoise !== null) {
      const kept = Math.exp(-length / loadNoise.correlationSeconds);
      run.noise = kept * run.noise + Math.sqrt(1 - kept ** 2) * random.gaussian();
    }
    const factor = Math.max(0, 1 + (loadNoise?.share ?? 0) * run.noise);
    for (const source of sources) runtime.offerToSource(source, run.seconds, length, factor);
    if (isRunning) moveRecords(operators, consumers, run, length);
    for (const source of sources) runtime.loseWhatWasNotTaken(source);
    run.seconds += length;
  };

  const rescaleTogether = (changes: readonly ParallelismChange[]): readonly number[] => {
    const wanted = changes.map(({ operator: name, parallelism }) => {
      const operator = find(name);
      const given = Math.max(1, Math.min(Math.floor(parallelism), operator.spec.maxParallelism ?? Infinity));
      return { operator, given };
    });
    const changed = wanted.filter(({ operator, given }) => given !== operator.instances.length);
    for (const { operator, given } of changed) {
      cure(operator, []);
      runtime.resizeOperator(operator, given);
    }
    if (changed.length > 0) restart();
    return wanted.map(({ given }) => given);
  };

  return {
    name: spec.name,
    hasOperator: (operator) => byName.has(operator),
    step: (seconds) => {
      for (const operator of operators) runtime.beginAccount(operator);
      run.ranSeconds = 0;
      const end = run.seconds + seconds;
      while (end - run.seconds > 1e-9) {
        const gapLeft = run.runningSince - run.seconds;
        const isRunning = gapLeft <= 1e-9;
        const length = Math.min(end - run.seconds, longestSubStep, isRunning ? Infinity : gapLeft);
        subStep(length, isRunning);
        if (isRunning) run.ranSeconds += length;
      }
    },
    state: () => ({
      name: spec.name,
      timeSeconds: run.seconds,
      isRunning: run.runningSince - run.seconds <= 1e-9,
      runningSinceSeconds: run.runningSince,
      restarts: run.restarts,
      isSuspended: run.isSuspended,
      suspendedMs: run.suspendedMs,
      operators: operators.map((operator) => runtime.stateOfOperator(operator, run.ranSeconds)),
    }),
    setOfferedRate: (recordsPerSecond, source) => {
      if (source !== undefined) {
        const operator = find(source);
        if (!sources.includes(operator)) throw new DhalionError('config_invalid', `${source} is not a source`);
        operator.offered = recordsPerSecond;
        return;
      }
      const now = sources.map((operator) => offeredAt(operator.offered, run.seconds));
      const total = now.reduce((sum, rate) => sum + rate, 0);
      for (const [index, operator] of sources.entries()) {
        const part = total > 0 ? (now[index] ?? 0) / total : 1 / sources.length;
        operator.offered = recordsPerSecond * part;
      }
    },
    setSlowInstance: (operator, slow) => {
      find(operator).slow = slow;
    },
    setHotKey: (operator, hotKey) => {
      runtime.setHotKey(find(operator), hotKey);
    },
    rescale: (operator, parallelism) => rescaleTogether([{ operator, parallelism }])[0] ?? parallelism,
    rescaleTogether,
    restartInstances: (operator, instances) => {
      cure(find(operator), instances);
      restart();
    },
    rebalance: (name) => {
      const operator = find(name);
      if (operator.hotKey?.incurable !== true) runtime.setHotKey(operator, null);
      restart();
    },
  };
}

/** One sub-step: all operators process what waited at its start, so that their order does not matter. */
function moveRecords(
  operators: readonly OperatorRuntime[],
  consumers: readonly (readonly number[])[],
  run: Run,
  length: number,
): void {
  run.isSuspended = operators.map((operator) => runtime.bookCulprits(operator, length)).includes(true);
  if (run.isSuspended) run.suspendedMs += 1000 * length;
  for (const operator of operators) runtime.planWork(operator, length);
  const flows = operators.map((operator, index) => ({
    demands: operator.instances.map((instance) => instance.wanted * operator.selectivity),
    consumers: consumers[index] ?? [],
  }));
  const levels = shareIntake(flows, operators.map(runtime.freeIntake));
  const emitted = operators.map((operator, index) =>
    runtime.doWork(operator, levels[index] ?? Infinity, run.isSuspended && isSource(operator.spec), length),
  );
  for (const [index, records] of emitted.entries()) {
    for (const consumer of consumers[index] ?? []) {
      const operator = operators[consumer];
      if (operator !== undefined) runtime.receive(operator, records);
    }
  }
}

/** A full queue must hold several sub-steps of work, or its length would limit the throughput. */
function longestStable(operators: readonly OperatorRuntime[]): number {
  const queueSeconds = operators
    .filter((operator) => !isSource(operator.spec))
    .map((operator) => runtime.queueCapacity(operator) / operator.spec.capacity);
  return Math.max(0.005, Math.min(0.5, ...queueSeconds.map((seconds) => seconds / 4)));
}

function feeds(upstream: OperatorRuntime, consumer: OperatorRuntime | undefined): boolean {
  return consumer !== undefined && inputsOf(consumer.spec).includes(upstream.spec.name);
}
