// The policy as the paper's notes have it, without what was learnt since: one culprit is scaled up by what suspended the input,
// b / (1 − b), at most fourfold (Heron's own resolver); where all queues are near zero, an operator gives up a fifth.

export const NAIVE = {
  /** Heron's noise filter: 20 ms/s of backpressure are none. */
  noise: 0.02,
  mostGrowth: 4,
  scaleDownFactor: 0.2,
  nearZeroPackets: 1,
} as const;

/** E.g. 2 instances, input suspended for half the time: 4. */
export function naiveScaleUp(instances: number, suspendedRatio: number): number {
  const ratio = Math.min(0.999, suspendedRatio);
  return Math.ceil(instances * (1 + Math.min(NAIVE.mostGrowth, ratio / (1 - ratio))) - 1e-9);
}

/** E.g. 10 instances: 8; 1: 1. */
export function naiveScaleDown(instances: number): number {
  return Math.max(1, Math.min(instances - 1, Math.floor(instances * (1 - NAIVE.scaleDownFactor))));
}

export interface NaiveOperator {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly isSource: boolean;
  readonly instances: number;
  /** Mean share of time it was held up from further down (Flink), or held up the sources (Heron; the sum of its instances). */
  readonly backpressure: number;
  /** Of its fullest instance. */
  readonly pendingPackets: number;
}

export type NaiveDiagnosis =
  | { readonly kind: 'underprovisioning'; readonly operator: NaiveOperator; readonly suspendedRatio: number }
  | { readonly kind: 'overprovisioning'; readonly operators: readonly NaiveOperator[] }
  | null;

/** @param reportedBy who an engine marks: the victim (Flink) or the culprit (Heron) */
export function naiveDiagnosis(operators: readonly NaiveOperator[], reportedBy: 'victim' | 'culprit'): NaiveDiagnosis {
  const marked = operators.filter(({ backpressure }) => backpressure > NAIVE.noise);
  if (marked.length === 0) {
    const idle = operators.filter((one) => !one.isSource && one.pendingPackets <= NAIVE.nearZeroPackets);
    return idle.length === 0 ? null : { kind: 'overprovisioning', operators: idle };
  }
  const heldBack = ({ inputs }: NaiveOperator): number =>
    Math.max(0, ...marked.filter(({ name }) => inputs.includes(name)).map(({ backpressure }) => backpressure));
  const suspends = reportedBy === 'culprit' ? ({ backpressure }: NaiveOperator): number => backpressure : heldBack;
  const culprits =
    reportedBy === 'culprit' ? marked : operators.filter((one) => !marked.includes(one) && heldBack(one) > 0);
  const [operator] = culprits.toSorted((a, b) => b.pendingPackets - a.pendingPackets);
  return operator === undefined
    ? null
    : { kind: 'underprovisioning', operator, suspendedRatio: Math.min(0.999, suspends(operator)) };
}
