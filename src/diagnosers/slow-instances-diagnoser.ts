// slow_instances: backpressure, while some instances do less per busy second than their peers. If no instance processes
// anything, none is slower.
import { and, not, truthOf } from '../model/truth.js';
import type { OutlierInstance } from '../model/measurement.js';
import { diagnoseDataSkew } from './data-skew-diagnoser.js';
import { othersHaveRoom, meanOfOthers, type Diagnoser, type DiagnosisContext } from './diagnoser.js';

/** An instance is slow if its peers do more than this many times its records per busy second. */
const SLOWER_FACTOR = 1.5;

export const diagnoseSlowInstances: Diagnoser = (context) => {
  const { operator, symptoms } = context;
  const slow = slowOutliersOf(context);
  const holds = and(
    symptoms.backpressure,
    symptoms.pending_packets_skew,
    not(diagnoseDataSkew(context).holds),
    not(symptoms.stalled),
    truthOf(slow === null ? null : slow.length > 0),
  );
  return { holds, operatorInstances: (slow ?? operator.outliers).map((outlier) => outlier.operatorInstance) };
};

/**
 * With busy: 100 records/s at busy 1 against peers with 160 at busy 0.8 is 100 × 1.5 < 200: slow. Without it: the outliers,
 * if the others have room. null: unknown.
 */
function slowOutliersOf(context: DiagnosisContext): readonly OutlierInstance[] | null {
  const { operator } = context;
  const { outliers } = operator;
  if (operator.busy.kind === 'not_applicable') {
    const hasRoom = othersHaveRoom(context, outliers);
    if (hasRoom === null) return null;
    return hasRoom ? outliers : [];
  }
  if (operator.busy.kind === 'missing' || operator.processingRate.kind !== 'measured' || outliers.length === 0)
    return null;
  if (outliers.some((outlier) => outlier.processingRate === null || outlier.busy === null)) return null;
  const rate = meanOfOthers(
    operator,
    operator.processingRate.mean,
    outliers.map((outlier) => outlier.processingRate),
  );
  const busy = meanOfOthers(
    operator,
    operator.busy.mean,
    outliers.map((outlier) => outlier.busy),
  );
  // If every instance is an outlier, none is; idle peers show nothing.
  if (rate === null || busy === null || rate === 0) return [];
  return outliers.filter(
    (outlier) => (outlier.processingRate ?? 0) * SLOWER_FACTOR * busy < rate * (outlier.busy ?? 0),
  );
}
