// The waiting times of the alert rules and of the route for an evaluation interval, as rules/README.md describes them.

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** All in ms. */
export interface RuleTimes {
  /** Evaluation interval of the rules. */
  readonly ruleIntervalMs: number;
  /** `for` of a diagnosis that asks for more instances, a restart or a rebalance. */
  readonly diagnosedForMs: number;
  /** `for` of the alert that releases capacity. */
  readonly overprovisionedForMs: number;
  /** How long the last known answer counts where it is unknown whether capacity can be released. */
  readonly unknownForMs: number;
  /** One evaluation. */
  readonly keepFiringForMs: number;
  /** Time without an evaluation after which Dhalion is late. */
  readonly lateAfterMs: number;
  /** `for` of the alert about lateness. */
  readonly lateForMs: number;
  /** Range in which failed evaluations are counted. */
  readonly failingRangeMs: number;
  /** `for` of the alert about failed evaluations. */
  readonly failingForMs: number;
}

/** All in ms. */
export interface RouteTimes {
  readonly groupWaitMs: number;
  /** Of group_interval and repeat_interval. */
  readonly repeatIntervalMs: number;
}

/** Default of the shortest time for which capacity must be idle: 15m, and at least three evaluations. */
const OVERPROVISIONED_FOR_MS = 15 * MINUTE_MS;

/**
 * At the default interval of 5m: the times of rules/dhalion-alerts.yml.
 * @param scaleDownAfterMs null: 15m, or three evaluations if these take longer
 */
export function ruleTimes(evaluationIntervalMs: number, scaleDownAfterMs: number | null): RuleTimes {
  const threeEvaluationsMs = 3 * evaluationIntervalMs;
  const upTo = (longestMs: number): number => Math.min(longestMs, evaluationIntervalMs);
  const overprovisionedForMs = scaleDownAfterMs ?? Math.max(OVERPROVISIONED_FOR_MS, threeEvaluationsMs);
  return {
    ruleIntervalMs: upTo(30 * SECOND_MS),
    diagnosedForMs: upTo(MINUTE_MS),
    overprovisionedForMs,
    // One evaluation and the scrapes around it; a third of `for` if evaluations are frequent.
    unknownForMs: Math.max(evaluationIntervalMs + 2 * upTo(MINUTE_MS), wholeSeconds(overprovisionedForMs / 3)),
    keepFiringForMs: evaluationIntervalMs,
    lateAfterMs: threeEvaluationsMs,
    lateForMs: upTo(MINUTE_MS),
    failingRangeMs: Math.max(10 * MINUTE_MS, 2 * evaluationIntervalMs),
    failingForMs: Math.max(15 * MINUTE_MS, threeEvaluationsMs),
  };
}

function wholeSeconds(ms: number): number {
  return SECOND_MS * Math.floor(ms / SECOND_MS);
}

/** At the default interval of 5m: the times of rules/alertmanager-example.yml. Whole seconds, at least one. */
export function routeTimes(evaluationIntervalMs: number): RouteTimes {
  const share = (parts: number): number => Math.max(SECOND_MS, wholeSeconds(evaluationIntervalMs / parts));
  return {
    groupWaitMs: Math.min(5 * SECOND_MS, share(12)),
    // At equal values it repeats at every second tick: within one evaluation.
    repeatIntervalMs: Math.min(MINUTE_MS, share(2)),
  };
}
