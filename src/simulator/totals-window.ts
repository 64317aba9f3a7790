// Turns the simulation's running totals into what an engine's own windowed meters would show. A restart starts over: no
// window reaches back into the run before.
import {
  NO_TOTALS,
  ratesBetween,
  type InstanceRates,
  type InstanceTotals,
  type TopologyState,
} from './topology-state.js';

export interface TotalsWindow {
  /** Call after every step. */
  observe(state: TopologyState): void;
  /** Mean over the last `windowSeconds`, or since the run began if that is less. */
  rates(operator: string, instance: number, windowSeconds: number): InstanceRates;
  /** As Flink's meters: the increase of the last `windowSeconds`, divided by them even if the run is younger. */
  meter(operator: string, instance: number, windowSeconds: number): InstanceRates;
}

interface Look {
  readonly seconds: number;
  readonly restarts: number;
  readonly totals: ReadonlyMap<string, readonly InstanceTotals[]>;
}

/** @param longestSeconds the longest window that will be asked for */
export function createTotalsWindow(longestSeconds: number): TotalsWindow {
  let looks: Look[] = [];
  let runningSince = 0;

  /** The last look that is at least that old, in the present run; null: the run's start. */
  const baseOf = (latest: Look, windowSeconds: number): Look | null =>
    looks.findLast((look) => look.seconds <= latest.seconds - windowSeconds + 1e-9) ?? null;

  const between = (operator: string, instance: number, windowSeconds: number, isMeter: boolean): InstanceRates => {
    const latest = looks.at(-1);
    if (latest === undefined) return ratesBetween(NO_TOTALS, NO_TOTALS, 0);
    const base = baseOf(latest, windowSeconds);
    const from = base?.totals.get(operator)?.[instance] ?? NO_TOTALS;
    const to = latest.totals.get(operator)?.[instance] ?? NO_TOTALS;
    const elapsed = latest.seconds - (base?.seconds ?? runningSince);
    return ratesBetween(from, to, isMeter ? Math.max(elapsed, windowSeconds) : elapsed);
  };

  return {
    observe: (state) => {
      if (looks.at(-1)?.restarts !== state.restarts) looks = [];
      runningSince = state.runningSinceSeconds;
      if (!state.isRunning) return;
      const totals = new Map(
        state.operators.map((operator) => [operator.name, operator.instances.map((instance) => instance.totals)]),
      );
      looks.push({ seconds: state.timeSeconds, restarts: state.restarts, totals });
      // One look older than the longest window is needed as its start.
      const needed = looks.findLastIndex((look) => look.seconds <= state.timeSeconds - longestSeconds + 1e-9);
      if (needed > 0) looks = looks.slice(needed);
    },
    rates: (operator, instance, windowSeconds) => between(operator, instance, windowSeconds, false),
    meter: (operator, instance, windowSeconds) => between(operator, instance, windowSeconds, true),
  };
}
