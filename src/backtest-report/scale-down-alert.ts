// The alert DhalionOverprovisioned of rules/dhalion-alerts.yml, for evaluations instead of scrapes: since when it is active.
import { truthOfDiagnosis, type TopologyEvaluation } from '../model/evaluation.js';
import { knownParallelism } from '../model/measurement.js';

/**
 * One topology's. An operator's alert is active while its diagnosis holds. Where that is unknown, the last known answer counts for `rangeMs`.
 * None is active while the range has two values of an operator's parallelism.
 */
export class ScaleDownAlert {
  readonly #rangeMs: number;
  readonly #exportedForMs: number;
  readonly #operators = new Map<string, OperatorPast>();
  #earlierSizeUntilMs = -Infinity;

  /** @param exportedForMs how long an evaluation is exported if no other one follows */
  constructor(rangeMs: number, exportedForMs: number) {
    this.#rangeMs = rangeMs;
    this.#exportedForMs = exportedForMs;
  }

  /** @param atMs from when on the evaluation is exported; later than that of the one before */
  add(atMs: number, { operators }: TopologyEvaluation): void {
    for (const operator of operators) {
      const past = this.#pastOf(operator.measurement.spec.name);
      const parallelism = knownParallelism(operator.measurement);
      if (parallelism === null) continue;
      if (past.parallelism !== null && past.parallelism !== parallelism)
        this.#earlierSizeUntilMs = Math.max(this.#earlierSizeUntilMs, Math.min(atMs, past.sizedUntilMs));
      past.parallelism = parallelism;
      past.sizedUntilMs = atMs + this.#exportedForMs;
    }
    const isRescaled = this.#isInRange(this.#earlierSizeUntilMs, atMs);
    for (const operator of operators) {
      const past = this.#pastOf(operator.measurement.spec.name);
      const truth = truthOfDiagnosis(operator, 'overprovisioning');
      const heldUntilMs = Math.min(atMs, past.heldUntilMs);
      const holds = truth === 'yes' || (truth === 'unknown' && this.#isInRange(heldUntilMs, atMs));
      // As long as its last answer was within the range until now, it has not ended in between.
      if (isRescaled || !holds || heldUntilMs < atMs - this.#rangeMs) past.sinceMs = null;
      if (holds && !isRescaled) past.sinceMs ??= atMs;
      if (truth !== 'unknown') past.heldUntilMs = truth === 'yes' ? atMs + this.#exportedForMs : -Infinity;
    }
  }

  /** When the operator's alert became active; null: it is not. */
  activeSinceMs(operator: string): number | null {
    return this.#operators.get(operator)?.sinceMs ?? null;
  }

  #isInRange(untilMs: number, atMs: number): boolean {
    return untilMs > atMs - this.#rangeMs;
  }

  #pastOf(operator: string): OperatorPast {
    const past = this.#operators.get(operator) ?? {
      heldUntilMs: -Infinity,
      sinceMs: null,
      parallelism: null,
      sizedUntilMs: -Infinity,
    };
    this.#operators.set(operator, past);
    return past;
  }
}

interface OperatorPast {
  /** Until when its diagnosis was exported as one that holds; -Infinity: it does not. */
  heldUntilMs: number;
  sinceMs: number | null;
  /** The last known one; null: none. */
  parallelism: number | null;
  sizedUntilMs: number;
}
