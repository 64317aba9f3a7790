// The planned parallelism of a topology's operators, one line for each.
import { attributeBackpressure } from '../../src/detectors/attribute-backpressure.js';
import { detectSymptoms } from '../../src/detectors/detect-symptoms.js';
import { measureDemand } from '../../src/detectors/measure-demand.js';
import { measureLoads } from '../../src/detectors/measure-loads.js';
import { NO_EXPERIENCE, type Experience } from '../../src/model/experience.js';
import type { TopologyMeasurement } from '../../src/model/measurement.js';
import type { NeededPeaks } from '../../src/model/operator-load.js';
import type { PolicySettings } from '../../src/model/policy-settings.js';
import type { PlannedAction } from '../../src/model/resolver.js';
import type { PlanContext } from '../../src/resolvers/plan-context.js';
import { settingsWith } from './measurements.js';

export function experienceWith(changes: Partial<Experience> = {}): Experience {
  return { ...NO_EXPERIENCE, ...changes };
}

/** Each operator needed the same over the whole memory. */
export function neededOf(needed: Readonly<Record<string, number>>): ReadonlyMap<string, NeededPeaks> {
  return new Map(Object.entries(needed).map(([name, most]) => [name, { maxOverMemory: most, maxOverNewerPart: most }]));
}

export function planContextOf(
  topology: TopologyMeasurement,
  {
    settings: changes = {},
    experience = NO_EXPERIENCE,
  }: { settings?: Partial<PolicySettings>; experience?: Experience } = {},
): PlanContext {
  const settings = settingsWith(changes);
  const attributions = attributeBackpressure(topology, settings.backpressureThreshold);
  const { loads } = measureLoads(topology, attributions, settings, experience);
  const operators = topology.operators.flatMap((measurement) => {
    const load = loads.get(measurement.spec.name);
    const suspendedRatio = attributions.get(measurement.spec.name)?.suspendedRatio ?? null;
    const symptoms = detectSymptoms(measurement, { topology, settings, attributions });
    return load === undefined ? [] : [{ measurement, load, suspendedRatio, symptoms }];
  });
  return { operators, demand: measureDemand(topology, settings.catchUpMs), experience, settings };
}

/** `split 1 → 12, count 1 → 24`, in the plan's order. */
export function linesOf(plan: PlannedAction | null): string {
  if (plan === null) return 'nothing';
  return plan.operators
    .map(({ operator, currentParallelism, desiredParallelism }) => {
      return `${operator} ${currentParallelism} → ${desiredParallelism}`;
    })
    .join(', ');
}
