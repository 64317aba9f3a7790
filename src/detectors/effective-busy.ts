// Effective busy: how busy an operator's busiest instance is, of how busy it can be. Where busy is not to be had, what holds
// up its input tells; of others, what an instance of theirs could do when it last held up its input.
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import type { Attribution } from './attribution.js';

export interface BusyContext {
  readonly topology: TopologyMeasurement;
  /** By operator name, see attribute-backpressure.ts. */
  readonly attributions: ReadonlyMap<string, Attribution>;
  /** s by operator name; without an entry 1. */
  readonly fullBusy: ReadonlyMap<string, number>;
  /** Records/s of an instance of the operator when it was last a culprit, by name. */
  readonly capacityPerInstance: ReadonlyMap<string, number>;
}

/**
 * û = max u / s, at most 1: busy 0.6 where 0.8 is full ⇒ 0.75. Without busy: a culprit 1 − v of a victim engine, where it is
 * held up itself for v of the time; see amongCulprits for culprit engines. Another operator r / (p × capacity): 300 records/s
 * on 4 instances that could do 100 each ⇒ 0.75. null: unknown.
 */
export function effectiveBusyOf(operator: OperatorMeasurement, context: BusyContext): number | null {
  const { busy, parallelism, incompleteBecause, processingRate, backpressure } = operator;
  const { topology, attributions, fullBusy, capacityPerInstance } = context;
  const { name } = operator.spec;
  if (parallelism === null || incompleteBecause !== null) return null;
  if (busy.kind === 'measured') return Math.min(1, busy.max / (fullBusy.get(name) ?? 1));
  const attribution = attributions.get(name);
  if (attribution?.isCulprit === 'yes') {
    if (topology.backpressureReportedBy === 'culprit') return amongCulprits(attribution, attributions);
    // Sources are held up, and hold nobody up.
    return backpressure.kind === 'measured' ? Math.max(0, 1 - backpressure.mean) : null;
  }
  const capacity = capacityPerInstance.get(name);
  if (capacity === undefined || processingRate.kind !== 'measured') return null;
  return Math.min(1, processingRate.total / (parallelism * capacity));
}

/** The one that holds up most is full, another works (1 − b_max) / (1 − b) of that: b 0.5 and 0.2 ⇒ 1 and 0.625. */
function amongCulprits({ suspendedRatio }: Attribution, attributions: ReadonlyMap<string, Attribution>): number | null {
  if (suspendedRatio === null) return null;
  const all = [...attributions.values()].filter(({ isCulprit }) => isCulprit === 'yes');
  const largest = Math.max(...all.map((one) => one.suspendedRatio ?? 0));
  return (1 - largest) / (1 - suspendedRatio);
}
