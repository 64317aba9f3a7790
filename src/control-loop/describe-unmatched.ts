// Listed names that no series matches: usually a misspelt name or `match`. Pure.
import type { SensedTopology } from '../sensors/assemble-measurements.js';

/** In words, for the log; null: everything listed has or had series, or the topology is not listed. */
export function describeUnmatched({ configuredBy, measurement, operatorLabelValues }: SensedTopology): string | null {
  if (!('name' in configuredBy)) return null;
  if (operatorLabelValues.size === 0)
    return `the topology has no series (its label is ${JSON.stringify(configuredBy.labelValue)})`;
  const unmatched = measurement.operators.filter(({ spec }) => !operatorLabelValues.has(spec.name));
  if (unmatched.length === 0) return null;
  return unmatched
    .map(({ spec, processingRate }) => {
      const because = processingRate.kind === 'missing' ? processingRate.because : 'no series';
      return `operator ${spec.name}: ${because}`;
    })
    .join('; ');
}
