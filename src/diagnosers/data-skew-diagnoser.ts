// data_skew: backpressure, while the same instances have both the longest queues and the most work, and the others have room;
// or one instance gets more of the records than it can do, at any parallelism.
import { hasIncurableHotKey } from '../detectors/enough-instances.js';
import { and, or, truthOf } from '../model/truth.js';
import { othersHaveRoom, type Diagnoser, type DiagnosisContext } from './diagnoser.js';
import type { OutlierInstance } from '../model/measurement.js';

/** An instance processes as much as the most loaded one if 1.1 times its rate exceeds that one's (Heron's margin). */
const SAME_RATE_FACTOR = 1.1;

export const diagnoseDataSkew: Diagnoser = (context) => {
  const { operator, symptoms } = context;
  const overloaded = mostLoadedOf(context);
  const isSkewed = and(
    symptoms.backpressure,
    symptoms.pending_packets_skew,
    symptoms.processing_rate_skew,
    truthOf(overloaded === null ? null : overloaded.length > 0),
    truthOf(othersHaveRoom(context, operator.outliers)),
  );
  // A hot key is ruled out if the longest queue is at an instance that does less than others.
  const isHot = overloaded?.length !== 0 && hasIncurableHotKey(operator, context.load);
  return {
    holds: or(isSkewed, and(symptoms.backpressure, truthOf(isHot))),
    operatorInstances: (overloaded ?? []).map((outlier) => outlier.operatorInstance),
  };
};

/** The outliers in pending packets that are also the fastest; null if their rates are unknown. */
function mostLoadedOf({ operator }: DiagnosisContext): readonly OutlierInstance[] | null {
  const rate = operator.processingRate;
  if (rate.kind !== 'measured' || operator.outliers.length === 0) return null;
  if (operator.outliers.some((outlier) => outlier.processingRate === null)) return null;
  return operator.outliers.filter((outlier) => (outlier.processingRate ?? 0) * SAME_RATE_FACTOR > rate.max);
}
