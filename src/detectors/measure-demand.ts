// Demand: how much more is offered to a topology's sources than they serve.
import type { Demand } from '../model/evaluation.js';
import { ifMeasured, type OperatorMeasurement, type TopologyMeasurement } from '../model/measurement.js';
import type { OperatorLoad } from '../model/operator-load.js';
import { NORMAL_BACKLOG_SECONDS } from './growing-source-backlog-detector.js';

/**
 * With source backlogs (Σr + slope + max(0, backlog − 5 s × Σr) / catch_up) / Σr: at 100 records/s, a backlog of 2,300
 * that grows by 50/s and a catch_up of 1,800 s, (100 + 50 + 1,800 / 1,800) / 100 = 1.51. Sources without one (push):
 * 1 / (1 − their largest victim ratio), or unbounded where the engine reports culprits.
 */
export function measureDemand(topology: TopologyMeasurement, catchUpMs: number): Demand {
  const sources = topology.operators.filter((operator) => operator.spec.role === 'source');
  if (sources.length === 0) return { kind: 'unbounded' };
  if (sources.some((source) => source.sourceBacklog.kind === 'missing')) return { kind: 'unknown' };
  const pulling = sources.filter((source) => source.sourceBacklog.kind === 'measured');
  const pushed = sources.filter((source) => source.sourceBacklog.kind === 'not_applicable');
  return largest([
    ...(pulling.length > 0 ? [demandOfBacklogs(pulling, catchUpMs)] : []),
    ...(pushed.length > 0 ? [demandOfPushed(pushed, topology)] : []),
  ]);
}

/** Σ f r of the sources, records/s, without the share that catches up: 300 at 1 and 100 at 3 ⇒ 600. null: unknown. */
export function offeredRateOf(
  operators: readonly OperatorMeasurement[],
  loads: ReadonlyMap<string, Pick<OperatorLoad, 'offeredRatio'>>,
): number | null {
  const offered = operators
    .filter(({ spec }) => spec.role === 'source')
    .map(({ spec, processingRate }) => {
      const ratio = loads.get(spec.name)?.offeredRatio ?? null;
      return ratio === null || processingRate.kind !== 'measured' ? null : ratio * processingRate.total;
    });
  return offered.length === 0 ? null : sumOfKnown(offered);
}

/** Records/s that the sources serve together; null: unknown. */
export function servedRate({ operators }: Pick<TopologyMeasurement, 'operators'>): number | null {
  const rates = operators
    .filter((operator) => operator.spec.role === 'source')
    .map((source) => ifMeasured(source.processingRate, ({ total }) => total));
  return rates.length === 0 ? null : sumOfKnown(rates);
}

/** Records waiting outside the sources, summed; null if no source reports a backlog, or one that should does not. */
export function totalBacklog(topology: Pick<TopologyMeasurement, 'operators'>): number | null {
  const backlogs = topology.operators
    .filter((operator) => operator.spec.role === 'source' && operator.sourceBacklog.kind !== 'not_applicable')
    .map((source) => ifMeasured(source.sourceBacklog, ({ total }) => total));
  return backlogs.length === 0 ? null : sumOfKnown(backlogs);
}

function demandOfBacklogs(sources: readonly OperatorMeasurement[], catchUpMs: number): Demand {
  const rate = sumOfKnown(sources.map((source) => ifMeasured(source.processingRate, ({ total }) => total)));
  const backlogs = sources.flatMap((source) =>
    source.sourceBacklog.kind === 'measured' ? [source.sourceBacklog] : [],
  );
  const slope = sumOfKnown(backlogs.map((backlog) => backlog.slopePerSecond));
  if (rate === null || slope === null) return { kind: 'unknown' };
  if (rate === 0) return { kind: 'unbounded' };
  const total = backlogs.reduce((sum, backlog) => sum + backlog.total, 0);
  const catchUpSeconds = catchUpMs / 1000;
  const excess = Math.max(0, total - NORMAL_BACKLOG_SECONDS * rate);
  const catchUpRate = catchUpSeconds > 0 ? excess / catchUpSeconds : 0;
  return { kind: 'bounded', ratio: Math.max(0, (rate + slope + catchUpRate) / rate) };
}

function demandOfPushed(sources: readonly OperatorMeasurement[], topology: TopologyMeasurement): Demand {
  if (topology.backpressureReportedBy === 'culprit') return { kind: 'unbounded' };
  const ratios = sources.map((source) => ifMeasured(source.backpressure, ({ mean }) => mean));
  if (ratios.includes(null)) return { kind: 'unknown' };
  const largestRatio = Math.max(...ratios.map((ratio) => ratio ?? 0));
  return largestRatio >= 1 ? { kind: 'unbounded' } : { kind: 'bounded', ratio: 1 / (1 - largestRatio) };
}

function largest(demands: readonly Demand[]): Demand {
  if (demands.some((demand) => demand.kind === 'unknown')) return { kind: 'unknown' };
  if (demands.some((demand) => demand.kind === 'unbounded')) return { kind: 'unbounded' };
  return {
    kind: 'bounded',
    ratio: Math.max(...demands.map((demand) => (demand.kind === 'bounded' ? demand.ratio : 0))),
  };
}

function sumOfKnown(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}
