// Counts every hold, and logs it when its reason changes. Remembers what it has logged and decides nothing.
import type { AcceptedAlert } from '../action-log/log-entries.js';
import type { Clock } from '../clock.js';
import { listNames } from '../grammar/config-fault.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import { operatorIn, type Action } from '../model/action.js';
import type { HoldReason } from '../model/decision.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { ResolverName } from '../model/resolver.js';
import { unknownBecause } from '../policy/unknown-because.js';
import { describeStranger } from './describe-stranger.js';
import type { TopologyWatch } from './topology-watch.js';

export interface HoldReportsParts {
  readonly watch: Pick<TopologyWatch, 'evaluations'>;
  readonly metrics: Pick<ServiceMetrics, 'recordHold'>;
  readonly clock: Pick<Clock, 'elapsed'>;
  readonly logger: Logger;
}

export interface Hold {
  readonly alert: AcceptedAlert;
  readonly resolver: ResolverName | null;
  readonly reason: HoldReason;
  /** The look that it was decided by; null: there was none. */
  readonly evaluation: TopologyEvaluation | null;
  /** More than the reason says, in words; null: what the look does not know. */
  readonly because: string | null;
  /** Rehearsed instead; default: none. */
  readonly action?: Action;
}

/** Anybody may post alerts with new names: no more reasons than this are remembered. */
const MAX_REASONS = 10_000;
const STRANGER_PAUSE_MS = 60_000;

export class HoldReports {
  readonly #parts: HoldReportsParts;
  /** The last reason by topology, operator and diagnosis. */
  readonly #lastReasons = new Map<string, string>();
  #nextStrangerMs = -Infinity;

  constructor(parts: HoldReportsParts) {
    this.#parts = parts;
  }

  report({ alert, resolver, reason, evaluation, because, action }: Hold): void {
    const { metrics, logger } = this.#parts;
    metrics.recordHold(alert.topology, reason);
    if (this.#lastReasons.get(keyOf(alert)) === reason) return;
    // Names of unknown topologies are arbitrary and are not kept.
    if (this.#lastReasons.size >= MAX_REASONS) this.#lastReasons.clear();
    if (reason === 'unknown_topology') this.#reportStranger(alert);
    else this.#lastReasons.set(keyOf(alert), reason);
    const { topology, operator, diagnosis } = alert;
    const why = because ?? becauseOf({ alert, reason, evaluation });
    const asked = action && operatorIn(action, operator);
    const change = asked && {
      current_parallelism: asked.currentParallelism,
      desired_parallelism: asked.desiredParallelism,
    };
    logger.info(
      { topology, operator, diagnosis, resolver, reason, ...change, ...(why === null ? {} : { because: why }) },
      'holding',
    );
  }

  /** It has led to an action: the next hold is news. */
  forget(alert: AcceptedAlert): void {
    this.#lastReasons.delete(keyOf(alert));
  }

  /** At most once a minute: each time searches all known topologies. */
  #reportStranger({ topology, operator }: AcceptedAlert): void {
    const { watch, clock, logger } = this.#parts;
    if (clock.elapsed() < this.#nextStrangerMs) return;
    const because = describeStranger({ operator }, watch.evaluations());
    if (because === null) return;
    this.#nextStrangerMs = clock.elapsed() + STRANGER_PAUSE_MS;
    logger.warn({ topology, operator, because }, 'an alert is about an unknown topology');
  }
}

/** What is not known, or not as the alert has it; null: the reason says it all. */
function becauseOf({ alert, reason, evaluation }: Pick<Hold, 'alert' | 'reason' | 'evaluation'>): string | null {
  if (evaluation === null) return null;
  const names = evaluation.operators.map(({ measurement }) => measurement.spec.name);
  // The alert is from another rule, or from a graph that has changed: the measurements are not at fault.
  if (!names.includes(alert.operator)) return `the topology's operators are ${listNames(names)}`;
  return reason === 'unknown_measurements' ? unknownBecause(evaluation, alert) : null;
}

function keyOf({ topology, operator, diagnosis }: AcceptedAlert): string {
  return JSON.stringify([topology, operator, diagnosis]);
}
