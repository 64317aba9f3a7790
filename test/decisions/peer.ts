// What every peer is: a rule that looks at a running topology every STEP_SECONDS and says which parallelisms it wants.
// Rules see means of the present run only, as their real counterparts do: a restart starts a new run.
import type { ParallelismChange } from '../../src/simulator/fluid-topology.js';
import type { InstanceRates, TopologyState } from '../../src/simulator/topology-state.js';

export const STEP_SECONDS = 15;

export interface Peer {
  /** Called after each step. @returns the requested parallelisms; empty: no change */
  decide(look: Look): readonly ParallelismChange[];
}

export interface Look {
  readonly state: TopologyState;
  /** Of the present run, 0 in a restart gap. */
  readonly runningForSeconds: number;
  /**
   * Means of each instance over that time, or since the run began if that is less; null: nothing is known (restart gap, or
   * sensors that are missing just now).
   */
  means(operator: string, seconds: number): readonly InstanceRates[] | null;
  /** Records/s that arrived at a source over that time, whether it took them or not; gaps count. */
  arrived(source: string, seconds: number): number;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Forgives rounding: 0.1 × 3 asks for no more than 0.3 does. */
export function roundUp(value: number): number {
  return Math.ceil(value - 1e-9);
}
