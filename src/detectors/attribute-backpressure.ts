// Which operator holds up which: turns the ratios that an engine reports into the share of time in which input was suspended
// because of each operator. Heron marks the culprit itself; Flink marks its victims, and infer-culprits.ts finds the culprit.
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import { or, truthOf, type Truth } from '../model/truth.js';
import { MAX_SUSPENDED_RATIO, UNKNOWN_ATTRIBUTION, type Attribution } from './attribution.js';
import { inferCulprits } from './infer-culprits.js';

/** Attribution by operator name. Several culprits at once are normal. */
export function attributeBackpressure(
  topology: TopologyMeasurement,
  threshold: number,
): ReadonlyMap<string, Attribution> {
  return topology.backpressureReportedBy === 'culprit'
    ? attributeToReported(topology, threshold)
    : inferCulprits(topology, threshold);
}

/** Whether anything in the topology reports backpressure: a victim, a culprit, or suspended sources. */
export function topologyBackpressure(topology: TopologyMeasurement, threshold: number): Truth {
  const truths = topology.operators.map((operator): Truth => {
    const ratio = operator.backpressure;
    if (ratio.kind === 'not_applicable') return 'no';
    if (ratio.kind === 'missing') return 'unknown';
    const raw = topology.backpressureReportedBy === 'culprit' ? ratio.sumAboveThreshold : ratio.mean;
    // Seen pressure counts, even if some instances were not seen.
    if (raw > threshold) return 'yes';
    return operator.incompleteBecause === null ? 'no' : 'unknown';
  });
  return truths.length === 0 ? 'unknown' : or(areSourcesSuspended(topology, threshold), ...truths);
}

/**
 * Culprit engines: the sum over the instances above the threshold, at most the share of time in which the sources were
 * suspended (instances fill together, so their sum alone is no share of time). Heron: 500 and 0 ms/s ⇒ 0.5.
 */
function attributeToReported(topology: TopologyMeasurement, threshold: number): ReadonlyMap<string, Attribution> {
  const charged = topology.operators.map((operator) => chargedTo(operator, topology.suspendedRatio, threshold));
  const culprits = topology.operators.flatMap(({ spec }, index) =>
    charged[index]?.isCulprit === 'yes' ? [spec.name] : [],
  );
  // Something suspends the sources. If no operator is charged with it, any of them may be the culprit.
  const isAnybody = !topology.operators.some(isCharged) && areSourcesSuspended(topology, threshold) !== 'no';
  return new Map(
    topology.operators.map(({ spec, backpressure }, index): [string, Attribution] => {
      const found = charged[index] ?? UNKNOWN_ATTRIBUTION;
      if (spec.role === 'source') return [spec.name, { ...found, heldUpBy: culprits }];
      return [spec.name, isAnybody && backpressure.kind === 'measured' ? UNKNOWN_ATTRIBUTION : found];
    }),
  );

  function isCharged({ backpressure }: OperatorMeasurement): boolean {
    return backpressure.kind === 'measured' && backpressure.sumAboveThreshold > threshold;
  }
}

function chargedTo(
  { backpressure: reported, incompleteBecause }: OperatorMeasurement,
  suspended: TopologyMeasurement['suspendedRatio'],
  threshold: number,
): Attribution {
  if (reported.kind === 'not_applicable') return { suspendedRatio: null, isCulprit: 'no', heldUpBy: [] };
  if (reported.kind === 'missing' || incompleteBecause !== null) return UNKNOWN_ATTRIBUTION;
  if (reported.sumAboveThreshold > threshold && suspended.kind === 'missing') return UNKNOWN_ATTRIBUTION;
  const cap = suspended.kind === 'measured' ? suspended.ratio : 1;
  const ratio = Math.min(reported.sumAboveThreshold, cap, MAX_SUSPENDED_RATIO);
  return { suspendedRatio: ratio, isCulprit: truthOf(ratio > threshold), heldUpBy: [] };
}

/** The engine's own report; `no` if it has no sensor for it. */
function areSourcesSuspended({ suspendedRatio }: TopologyMeasurement, threshold: number): Truth {
  if (suspendedRatio.kind === 'not_applicable') return 'no';
  return truthOf(suspendedRatio.kind === 'missing' ? null : suspendedRatio.ratio > threshold);
}
