// From accepted alerts to decisions: gathers what the policy needs to know, asks it, and writes what it says. At most one
// action a topology; alerts that wait together share one fresh look.
import { randomUUID } from 'node:crypto';
import type { AcceptedAlert, ActionLog, LoggedDecision } from '../action-log/action-log.js';
import type { Clock } from '../clock.js';
import type { FleetLimits, WebhookSettings } from '../config/configuration.js';
import { listNames } from '../config/config-fault.js';
import { describeError, DhalionError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import type { Action } from '../model/action.js';
import type { HoldReason } from '../model/decision.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { PlannedAction, ResolverName } from '../model/resolver.js';
import { decidePlan, type PlanVerdict } from '../policy/decide-plan.js';
import { holdBeforeLooking } from '../policy/hold-before-looking.js';
import { claimedAction, evidenceOf, type LabelSensor } from './claim-action.js';
import { isBlacklisted, type ActionHistory } from './action-history.js';
import { isAtFleetLimit, recallHistory, standingOf, type Case, type StandingFacts } from './alert-standing.js';
import { checkRefusals, type RefusalCheck } from './refused-calls.js';
import type { TopologyWatch } from './topology-watch.js';

export interface AlertDeciderParts {
  readonly log: ActionLog;
  readonly watch: TopologyWatch;
  readonly history: ActionHistory;
  readonly senseLabels: LabelSensor;
  readonly webhooks: ReadonlyMap<string, WebhookSettings>;
  readonly limits: FleetLimits;
  readonly metrics: ServiceMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface CheckedCase extends Case {
  readonly isCallRefused: RefusalCheck;
}

const BATCH = 1000;
/** Names come from whoever posts alerts: more reasons than this are not remembered. */
const MAX_REASONS = 10_000;

export class AlertDecider {
  readonly #parts: AlertDeciderParts;
  /** Last decision by topology, operator and diagnosis, so that a hold is logged when it changes. */
  readonly #lastReasons = new Map<string, string>();

  constructor(parts: AlertDeciderParts) {
    this.#parts = parts;
  }

  /** Decides every accepted alert that has no decision yet; resolves when none is left, or the signal aborts. */
  async decideAll(signal: AbortSignal): Promise<void> {
    for (;;) {
      const alerts = await this.#parts.log.undecidedAlerts(BATCH);
      if (alerts.length === 0 || signal.aborted) return;
      await this.#decideBatch(alerts, signal);
    }
  }

  async #decideBatch(alerts: readonly AcceptedAlert[], signal: AbortSignal): Promise<void> {
    const { log, watch, history, limits, clock } = this.#parts;
    // A pause that was just made holds back even the alerts that were accepted before it.
    await watch.recall();
    if (!history.isCurrent)
      throw new DhalionError('storage_unavailable', 'the action log does not answer', { retryable: true });
    const facts = { ...(await recallHistory(log, watch, clock.now())), limits, watch, history, nowMs: clock.now() };
    const cases: CheckedCase[] = [];
    // Written together: one at a time, each would wait for the disk by itself.
    const holds: Promise<void>[] = [];
    for (const alert of alerts) {
      const found = this.#caseOf(alert);
      const standing = await this.#stand(found, facts, signal);
      if ('reason' in standing) holds.push(this.#hold(alert, found?.resolver ?? null, standing.reason, null));
      else cases.push(standing);
    }
    await Promise.all(holds);
    if (cases.length === 0) return;
    const topologies = [...new Set(cases.map(({ alert }) => alert.topology))];
    const looks = await this.#parts.watch.lookAt(topologies, signal);
    let claimed = 0;
    for (const topology of topologies) {
      // Undecided alerts stay in the log, for the next start.
      if (signal.aborted) return;
      const ofTopology = cases.filter(({ alert }) => alert.topology === topology);
      // What this batch has claimed counts too: a fleet that asks all at once is what the brake is for.
      const isBraked = claimed > 0 && isAtFleetLimit(facts, claimed);
      const evaluation = looks.get(topology) ?? null;
      if (isBraked)
        for (const { alert, resolver } of ofTopology) await this.#hold(alert, resolver, 'fleet_brake', evaluation);
      else if (await this.#decideTopology(ofTopology, evaluation, signal)) claimed += 1;
    }
  }

  /** Why it is held without a look, or what is to be looked at. */
  async #stand(
    found: Case | null,
    facts: StandingFacts,
    signal: AbortSignal,
  ): Promise<CheckedCase | { readonly reason: HoldReason }> {
    if (found === null) return { reason: 'unknown_topology' };
    const standing = standingOf(found, facts);
    const reason = holdBeforeLooking(standing);
    if (reason !== null) return { reason };
    const isCallRefused = await checkRefusals(found, this.#parts, signal);
    const { alert, rules, resolver } = found;
    const evaluation = facts.watch.find(alert.topology)?.evaluation ?? null;
    const plan = planFor({ ...alert, resolver, evaluation, settings: rules.settings });
    const refused = holdBeforeLooking({ ...standing, isCallRefused: plan !== null && isCallRefused(plan) });
    return refused === null ? { ...found, isCallRefused } : { reason: refused };
  }

  /**
   * The most urgent diagnosis is answered, the next one where the first is held; what is left finds an action in flight.
   * Whether it led to an action.
   */
  async #decideTopology(
    cases: readonly CheckedCase[],
    evaluation: TopologyEvaluation | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    let hasActed = false;
    for (const one of sortByUrgency(cases, evaluation)) {
      if (signal.aborted) return hasActed;
      if (hasActed) await this.#hold(one.alert, one.resolver, 'action_in_flight', evaluation);
      else hasActed = await this.#decide(one, evaluation, signal);
    }
    return hasActed;
  }

  /** Whether it led to an action. */
  async #decide(one: CheckedCase, evaluation: TopologyEvaluation | null, signal: AbortSignal): Promise<boolean> {
    const { alert, rules, resolver } = one;
    const { operator, diagnosis } = alert;
    const { settings } = rules;
    const verdict = decideAfterLooking({
      operator,
      diagnosis,
      resolver,
      evaluation,
      settings,
      isCallRefused: one.isCallRefused,
      isBlacklisted: (plan) => evaluation !== null && this.#isBlacklisted(one, evaluation, plan),
    });
    if (evaluation === null || verdict.plan === null) {
      await this.#hold(
        alert,
        resolver,
        verdict.decision === 'hold' ? verdict.reason : 'unknown_measurements',
        evaluation,
      );
      return false;
    }
    return this.#claim(one, evaluation, verdict, signal);
  }

  #isBlacklisted(
    { alert, rules, resolver }: Case,
    evaluation: TopologyEvaluation,
    plan: PlannedAction | null,
  ): boolean {
    const { history, watch, clock } = this.#parts;
    const candidates = history.candidates((topology) => watch.rulesOf(topology)?.settings ?? null, clock.now());
    const { topology, operator, diagnosis } = alert;
    return isBlacklisted(candidates, { topology, operator, diagnosis, resolver }, evaluation, plan, rules.settings);
  }

  async #claim(one: Case, evaluation: TopologyEvaluation, verdict: Verdict, signal: AbortSignal): Promise<boolean> {
    const { log, logger } = this.#parts;
    const { alert, resolver } = one;
    const action = await this.#actionFor(one, evaluation, verdict, signal);
    if (typeof action === 'string') {
      await this.#hold(alert, resolver, action, evaluation);
      return false;
    }
    const decision = { ...this.#decisionOf(alert, resolver, evaluation), actionId: action.id };
    const isWritten = await log.claimAction(action, [
      verdict.decision === 'act' ? decision : { ...decision, decision: 'hold', reason: verdict.reason },
    ]);
    if (!isWritten) {
      await this.#hold(alert, resolver, 'action_in_flight', evaluation);
      return false;
    }
    if (verdict.decision === 'hold') this.#noteHold(alert, resolver, verdict.reason, evaluation, action);
    else {
      this.#lastReasons.delete(keyOf(alert));
      logger.info(
        {
          topology: alert.topology,
          operator: alert.operator,
          diagnosis: alert.diagnosis,
          resolver,
          current_parallelism: action.operators[0].currentParallelism,
          desired_parallelism: action.operators[0].desiredParallelism,
          suspended_ratio: action.operators[0].reason.suspendedRatio,
          pending_packets: action.operators[0].reason.pendingPackets,
          processing_rate: action.operators[0].reason.processingRate,
          action_id: action.id,
        },
        'acting',
      );
    }
    return verdict.decision === 'act';
  }

  /** Or why it cannot be: the labels that its call needs are not to be had, or its webhook's template does not render. */
  async #actionFor(
    one: Case,
    evaluation: TopologyEvaluation,
    { plan }: Verdict,
    signal: AbortSignal,
  ): Promise<Action | HoldReason> {
    const { webhooks, clock, senseLabels, logger } = this.#parts;
    const { alert, rules } = one;
    const webhook = webhooks.get(rules.webhooks[one.resolver] ?? '');
    if (plan === null || webhook === undefined) return 'unsupported_resolver';
    try {
      const labels = await senseLabels(rules.engine, [alert.operator], this.#parts.watch.find(alert.topology), signal);
      const isDryRun = rules.settings.mode === 'dry_run';
      return claimedAction({
        id: randomUUID(),
        plan,
        evaluation,
        webhook,
        labels,
        isDryRun,
        nowMs: clock.now(),
      });
    } catch (error) {
      // Broken off, not found wanting: the alert stays undecided, for the next start.
      if (signal.aborted) throw error;
      logger.warn(
        { topology: alert.topology, operator: alert.operator, error: describeError(error) },
        'cannot prepare the call',
      );
      return error instanceof DhalionError && error.code === 'config_invalid'
        ? 'unsupported_resolver'
        : 'unknown_measurements';
    }
  }

  #caseOf(alert: AcceptedAlert): Case | null {
    const { watch } = this.#parts;
    const rules = watch.rulesOf(alert.topology);
    if (rules === null) return null;
    return { alert, rules, resolver: watch.resolverFor(alert.topology, rules, alert.operator, alert.diagnosis) };
  }

  async #hold(
    alert: AcceptedAlert,
    resolver: ResolverName | null,
    reason: HoldReason,
    evaluation: TopologyEvaluation | null,
  ): Promise<void> {
    const decision = this.#decisionOf(alert, resolver, evaluation);
    await this.#parts.log.recordHold({ ...decision, decision: 'hold', reason });
    this.#noteHold(alert, resolver, reason, evaluation);
  }

  /** Counted every time, logged when the reason changes. */
  #noteHold(
    alert: AcceptedAlert,
    resolver: ResolverName | null,
    reason: HoldReason,
    evaluation: TopologyEvaluation | null,
    action?: Action,
  ): void {
    const { metrics, logger } = this.#parts;
    metrics.recordHold(alert.topology, reason);
    if (this.#lastReasons.get(keyOf(alert)) === reason) return;
    // Unknown topologies are whatever somebody posts: their names are not kept.
    if (this.#lastReasons.size >= MAX_REASONS) this.#lastReasons.clear();
    if (reason !== 'unknown_topology') this.#lastReasons.set(keyOf(alert), reason);
    const { topology, operator, diagnosis } = alert;
    const names = evaluation?.operators.map(({ measurement }) => measurement.spec.name) ?? [operator];
    // An alert of somebody else's making, or of a graph that has changed: the measurements are not to blame.
    const unknown = names.includes(operator) ? {} : { because: `the topology's operators are ${listNames(names)}` };
    const change = action && {
      current_parallelism: action.operators[0].currentParallelism,
      desired_parallelism: action.operators[0].desiredParallelism,
    };
    logger.info({ topology, operator, diagnosis, resolver, reason, ...change, ...unknown }, 'holding');
  }

  #decisionOf(
    { id, topology, operator, diagnosis }: AcceptedAlert,
    resolver: ResolverName | null,
    evaluation: TopologyEvaluation | null,
  ): LoggedDecision {
    const evidence = evaluation === null ? null : evidenceOf(evaluation, operator);
    const atMs = this.#parts.clock.now();
    return {
      atMs,
      topology,
      operator,
      diagnosis,
      resolver,
      decision: 'act',
      reason: null,
      actionId: null,
      alertId: id,
      evidence,
    };
  }
}

function keyOf({ topology, operator, diagnosis }: AcceptedAlert): string {
  return JSON.stringify([topology, operator, diagnosis]);
}
