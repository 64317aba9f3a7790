// What looks remember for the next ones: how many instances there were, what operators needed, when they were rescaled.
import { LARGEST_ADJUSTMENT_MS } from '../clock.js';
import type { Configuration } from '../config/configuration.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import { grantedLimitsOf } from '../policy/recall-experience.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';
import { evaluateSensed } from './evaluate-sensed.js';
import type { InstanceMemories } from './instance-memories.js';
import type { RecalledLog } from './recalled-log.js';
import { largestAllowed } from './refused-calls.js';
import { RememberedNeeds } from './remembered-needs.js';
import { RememberedRescalings } from './remembered-rescalings.js';
import { resolverFor } from './resolver-for.js';
import type { TopologyRules } from './topology-rules.js';

/** What an evaluation rests on beside what was sensed. */
export interface LookFacts {
  readonly rules: TopologyRules;
  readonly recalled: RecalledLog;
  readonly webhooks: Configuration['webhooks'];
  readonly nowMs: number;
}

/** Which topologies the last look saw. */
export interface LastLook {
  readonly isSeen: (topology: string) => boolean;
  readonly nowMs: number;
  readonly windowMs: number;
}

export class LookMemories {
  readonly needs = new RememberedNeeds();
  readonly #instances: InstanceMemories;
  readonly #rescalings = new RememberedRescalings();
  /** Wall time minus monotonic time, on which the memories are based; null: there are none. */
  #offsetMs: number | null = null;

  constructor(instances: InstanceMemories) {
    this.#instances = instances;
  }

  /** Takes over the memories of an earlier configuration. */
  adopt(previous: LookMemories): void {
    this.#offsetMs = previous.#offsetMs;
    this.#instances.adopt(previous.#instances);
    this.#rescalings.adopt(previous.#rescalings);
    this.needs.adopt(previous.needs);
  }

  /**
   * Shifts all times after the wall clock was set. Nothing may run between this and the evaluations of the look.
   * @param offsetMs wall time minus monotonic time
   */
  followClock(offsetMs: number): void {
    const byMs = offsetMs - (this.#offsetMs ?? offsetMs);
    if (this.#offsetMs !== null && Math.abs(byMs) <= LARGEST_ADJUSTMENT_MS) return;
    this.#offsetMs = offsetMs;
    this.#instances.move(byMs);
    this.#rescalings.move(byMs);
    this.needs.move(byMs);
  }

  /** Evaluates the topology with what is remembered of it, and remembers this look. */
  evaluate(sensed: SensedTopology, { rules, recalled, webhooks, nowMs }: LookFacts): TopologyEvaluation {
    const { topology, windowMs } = sensed.measurement;
    const { settings } = rules;
    const scaleUp = webhooks.get(rules.webhooks.scale_up ?? '');
    const actions = recalled.actionsOf(topology);
    const granted = grantedLimitsOf(actions, settings, nowMs);
    /** The most that the scale-up webhook's last refusal allows; null: it named no limit, or has changed since. */
    const allowedBy = (operator: string): number | null => {
      if (scaleUp === undefined) return null;
      const refused = recalled.refusedSince(topology, operator, 'scale_up', nowMs - settings.retryRefusedAfterMs);
      return largestAllowed(refused, operator, scaleUp);
    };
    const { evaluation, memory, ...remembered } = evaluateSensed(sensed, {
      memory: this.#instances.of(topology),
      askedFor: (operator) => recalled.askedFor(topology, operator),
      largestAllowed: (operator) => smallest(allowedBy(operator), granted.get(operator)),
      resolverFor: (operator, diagnosis) => resolverFor({ topology, operator, diagnosis }, rules, recalled, nowMs),
      needed: this.needs.of(topology),
      busy: this.needs.busyOf(topology),
      actions,
      blacklist: recalled.candidatesOf(topology, settings, nowMs),
      rescalings: this.#rescalings.of(topology),
    });
    this.#instances.set(topology, memory);
    this.needs.set(topology, remembered);
    return this.#rescalings.recommend(evaluation, windowMs, recalled.openActions(topology));
  }

  /** Drops topologies that are gone. */
  keepOnly(isKept: (topology: string) => boolean, { isSeen, nowMs, windowMs }: LastLook): void {
    this.#rescalings.forget(isSeen, nowMs, windowMs);
    this.#instances.keepOnly(isKept);
    this.needs.keepOnly(isKept);
  }
}

function smallest(one: number | null, other: number | undefined): number | null {
  if (one === null || other === undefined) return one ?? other ?? null;
  return Math.min(one, other);
}
