// Effective busy: how busy an operator's busiest instance is, relative to full. Without a busy sensor it follows from the
// backpressure of a culprit, and for other operators from what one of their instances did when it last was a culprit.
import type { OperatorMeasurement, TopologyMeasurement } from '../model/measurement.js';
import type { Attribution } from './attribution.js';

export interface BusyContext {
  readonly topology: TopologyMeasurement;
  /** By operator name, see attribute-backpressure.ts. */
  readonly attributions: ReadonlyMap<string, Attribution>;
  /** s by operator name; no entry: 1. */
  readonly fullBusy: ReadonlyMap<string, number>;
  /** Records/s per instance when the operator was last a culprit, by operator name. */
  readonly capacityPerInstance: ReadonlyMap<string, number>;
}

/** An operator that does this many times what it could when it last was a culprit can do more than then. */
const OUTDONE = 1.1;

/**
 * û = max u / s, at most 1: busy 0.6 with full at 0.8 ⇒ 0.75. Without busy, a culprit of a victim engine has 1 − v, where v
 * is the share of time in which it is held up itself; amongCulprits does culprit engines. Any other operator has r / (p ×
 * capacity): 300 records/s on 4 instances that could do 100 each ⇒ 0.75. If they do clearly more, as after a restart cured a slow
 * one, the capacity says nothing any more. null: unknown.
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
    // Backpressure is measured for inner operators; a source is held up and holds nobody up.
    return backpressure.kind === 'measured' ? Math.max(0, 1 - backpressure.mean) : null;
  }
  const capacity = capacityPerInstance.get(name);
  if (capacity === undefined || processingRate.kind !== 'measured') return null;
  const ratio = processingRate.total / (parallelism * capacity);
  return ratio > OUTDONE ? null : Math.min(1, ratio);
}

/** The culprit with the largest b is full, another one is (1 − b_max) / (1 − b) busy: b 0.5 and 0.2 ⇒ 1 and 0.625. */
function amongCulprits({ suspendedRatio }: Attribution, attributions: ReadonlyMap<string, Attribution>): number | null {
  if (suspendedRatio === null) return null;
  const all = [...attributions.values()].filter(({ isCulprit }) => isCulprit === 'yes');
  const largest = Math.max(...all.map((one) => one.suspendedRatio ?? 0));
  return (1 - largest) / (1 - suspendedRatio);
}
