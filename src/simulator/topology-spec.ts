// The specification of a simulated topology, with defaults for everything optional. Times are simulated seconds.
import { DhalionError } from '../errors.js';
import type { KeySkew, HotKey } from './key-skew.js';
import type { OfferedLoad } from './load-curve.js';

export interface TopologySpec {
  /** Flink's job name, Heron's topology name. */
  readonly name: string;
  readonly operators: readonly SimulatedOperator[];
  /** Default: blocking, 3 s of work. */
  readonly physics?: Physics;
  /** How long nothing is processed and nothing is exported after an action. Default 30. */
  readonly restartGapSeconds?: number;
  /** Default kept: redistributed over the operator's instances. */
  readonly queuesOnRestart?: 'kept' | 'dropped';
  /** Relative standard deviation of the offered load, and how long a deviation lasts (AR(1)). Default: none. */
  readonly loadNoise?: LoadNoise;
  /** Work in one packet (Flink: buffer), ms of an instance that is not slow. Default 10. */
  readonly packetMs?: number;
  /** Whether queues also show what random arrivals would leave waiting: ρ² / (2 (1 − ρ)) packets. Default true. */
  readonly randomArrivals?: boolean;
}

export interface LoadNoise {
  readonly share: number;
  readonly correlationSeconds: number;
}

/**
 * blocking (Flink): queues are bounded, and an operator waits while the next queue is full. watermarks (Heron): queues are
 * unbounded, but from the time that any of them exceeds its high mark until it is below its low mark, all sources are
 * suspended. All three in seconds of work of an instance that is not slow.
 */
export type Physics =
  | { readonly kind: 'blocking'; readonly bufferSeconds: number }
  | { readonly kind: 'watermarks'; readonly highSeconds: number; readonly lowSeconds: number };

export const FLINK_PHYSICS: Physics = { kind: 'blocking', bufferSeconds: 3 };
export const HERON_PHYSICS: Physics = { kind: 'watermarks', highSeconds: 5, lowSeconds: 2.5 };

export type SimulatedOperator = SimulatedSource | SimulatedInner;

interface OperatorTraits {
  /** As the engine's reporter shows it. */
  readonly name: string;
  readonly parallelism: number;
  /** Records/s that one instance can take in. */
  readonly capacity: number;
  /** Records out per record in, to each consumer. Default 1; ignored without a consumer. */
  readonly selectivity?: number;
  /** How its input is spread over its instances. Default even. */
  readonly keySkew?: KeySkew;
  readonly hotKey?: HotKey;
  readonly slow?: SlowInstance;
  /** Packets that fit in one instance's queue (watermarks: its high mark). Default from the physics. */
  readonly pendingCapacity?: number;
  /** The most that is granted, whatever is asked for (slots run out). Default: no bound. */
  readonly maxParallelism?: number;
}

export interface SimulatedInner extends OperatorTraits {
  readonly inputs: readonly string[];
}

export interface SimulatedSource extends OperatorTraits {
  readonly source: SourceLoad;
}

export interface SourceLoad {
  /** push: what is not taken at once is lost. kafka: it waits outside, and is read as fast as possible. */
  readonly kind: 'push' | 'kafka';
  readonly offered: OfferedLoad;
  /** Whether it reports its busy time; Flink's legacy sources do not (NaN). Default true. */
  readonly reportsBusy?: boolean;
}

export interface SlowInstance {
  readonly index: number;
  /** Its capacity is divided by this. */
  readonly factor: number;
  /** Survives restarts and rescales of its operator. Default false. */
  readonly incurable?: boolean;
}

export type ResolvedSpec = Required<Omit<TopologySpec, 'loadNoise'>> & { readonly loadNoise: LoadNoise | null };

export function isSource(operator: SimulatedOperator): operator is SimulatedSource {
  return 'source' in operator;
}

export function inputsOf(operator: SimulatedOperator): readonly string[] {
  return isSource(operator) ? [] : operator.inputs;
}

/** Fills in defaults. Throws `config_invalid` unless the spec is a directed acyclic graph of operators with capacity. */
export function resolveSpec(spec: TopologySpec): ResolvedSpec {
  checkOperators(spec);
  return {
    name: spec.name,
    operators: spec.operators,
    physics: spec.physics ?? FLINK_PHYSICS,
    restartGapSeconds: spec.restartGapSeconds ?? 30,
    queuesOnRestart: spec.queuesOnRestart ?? 'kept',
    loadNoise: spec.loadNoise ?? null,
    packetMs: spec.packetMs ?? 10,
    randomArrivals: spec.randomArrivals ?? true,
  };
}

/** The operators, inputs before their consumers. Throws `config_invalid` if an input is unknown or in a cycle. */
export function inputsFirst(spec: TopologySpec): readonly SimulatedOperator[] {
  const ordered: SimulatedOperator[] = [];
  const placed = new Set<string>();
  let waiting = [...spec.operators];
  while (waiting.length > 0) {
    const ready = waiting.filter((operator) => inputsOf(operator).every((input) => placed.has(input)));
    if (ready.length === 0) {
      const names = waiting.map((operator) => operator.name).join(', ');
      throw invalid(spec, `the inputs of ${names} are unknown or form a circle`);
    }
    for (const operator of ready) placed.add(operator.name);
    ordered.push(...ready);
    waiting = waiting.filter((operator) => !placed.has(operator.name));
  }
  return ordered;
}

function checkOperators(spec: TopologySpec): void {
  const names = new Set(spec.operators.map((operator) => operator.name));
  if (names.size !== spec.operators.length) throw invalid(spec, 'two operators have the same name');
  for (const operator of spec.operators) {
    if (!Number.isInteger(operator.parallelism) || operator.parallelism < 1) {
      throw invalid(spec, `${operator.name}: parallelism ${operator.parallelism} is not a whole number from 1 up`);
    }
    if (!(operator.capacity > 0) || !((operator.selectivity ?? 1) >= 0)) {
      throw invalid(spec, `${operator.name}: capacity must be above 0, selectivity not below 0`);
    }
    if (!isSource(operator) && operator.inputs.length === 0) {
      throw invalid(spec, `${operator.name} has neither a source's load nor inputs`);
    }
  }
  inputsFirst(spec);
}

function invalid(spec: TopologySpec, fault: string): DhalionError {
  return new DhalionError('config_invalid', `simulated topology ${spec.name}: ${fault}`);
}
