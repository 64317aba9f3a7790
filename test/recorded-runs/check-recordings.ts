// What holds of any recording, by what was recorded of it; shared by the tests of recorded and of simulated ones.
import type { Test } from 'tap';
import type { BacktestedRun } from './backtest-runs.js';
import type { ComparedStep, Concluded, Recorded } from './confusion-table.js';
import { isBackpressure, isUnderprovisioned, settledSteps, stretchesOf, type Stretch } from './stretches.js';

/** As in the example configuration. */
const SCALE_DOWN_MEMORY_S = 300;

export function shareOf(steps: readonly ComparedStep[], concluded: Concluded): number {
  return steps.filter((step) => step.concluded === concluded).length / steps.length;
}

/** The steps before which all of `scale_down_memory` was recorded: no earlier one is overprovisioned. */
export function rememberedSteps(steps: readonly ComparedStep[]): readonly ComparedStep[] {
  return steps.filter(({ atS }) => atS >= (steps[0]?.atS ?? 0) + SCALE_DOWN_MEMORY_S);
}

export function stretchesWhere(steps: readonly ComparedStep[], recorded: Recorded): Stretch[] {
  return stretchesOf(steps).filter((stretch) => stretch.recorded === recorded);
}

/** Times that a source begins to fall behind. */
export function countFallingBehind(steps: readonly ComparedStep[]): number {
  const isBehind = (step?: ComparedStep): boolean => step?.concluded === 'underprovisioned: backlog grows';
  return steps.filter((step, index) => isBehind(step) && !isBehind(steps[index - 1])).length;
}

/** Looks whose whole window is above 500 ms/s, or below 20. @returns how many of each there were */
export function checkSettled(t: Test, { run, steps }: BacktestedRun): { above: number; below: number } {
  const above = stretchesWhere(steps, '> 500').flatMap(settledSteps);
  const below = stretchesWhere(steps, '< 20').flatMap(settledSteps);
  t.ok(above.every(isBackpressure), 'above 500 ms/s it is underprovisioned, or works off a backlog');
  t.notOk(below.some(isBackpressure), 'below 20 ms/s it is not');
  for (const step of above.filter((step) => !isUnderprovisioned(step))) {
    const lags = run.rows.filter(({ atS }) => atS <= step.atS).map(({ lag }) => lag ?? 0);
    t.ok(
      (lags.at(-1) ?? 0) < Math.max(...lags.slice(-5)),
      `${step.atS}: where it is not called underprovisioned the lag does fall`,
    );
  }
  return { above: above.length, below: below.length };
}
