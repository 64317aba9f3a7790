// From accepted alerts to decisions: collects the policy's input, asks it, and writes its answer. At most one action a
// topology; alerts that wait together share one fresh look.
import { randomUUID } from 'node:crypto';
import type { AcceptedAlert, ActionLog, LoggedDecision } from '../action-log/action-log.js';
import type { Clock } from '../clock.js';
import type { FleetLimits } from '../config/configuration.js';
import type { WebhookSettings } from '../webhooks/webhook-types.js';
import { listNames } from '../grammar/config-fault.js';
import { describeError, DhalionError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import { operatorIn, type Action } from '../model/action.js';
import type { HoldReason } from '../model/decision.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { PlannedAction, ResolverName } from '../model/resolver.js';
import { decidePlan, type AskingAlert, type PlanVerdict } from '../policy/decide-plan.js';
import { holdBeforeLooking } from '../policy/hold-before-looking.js';
import { unknownBecause } from '../policy/unknown-because.js';
import { factsOf } from './action-facts.js';
import { claimedAction, evidenceOf, type LabelSensor } from './claim-action.js';
import { isBlacklisted, type ActionHistory } from './action-history.js';
import { describeStranger } from './describe-stranger.js';
import { isAtFleetLimit, recallHistory, alertContextOf, type Case } from './alert-context.js';
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

interface TopologyCases {
  readonly topology: string;
  readonly cases: readonly [Case, ...Case[]];
}

interface CheckedCases extends TopologyCases {
  readonly isCallRefused: RefusalCheck;
}

interface CaseAlert extends AskingAlert {
  readonly of: Case;
}

const BATCH = 1000;
/** Anybody may post alerts with new names: no more reasons than this are remembered. */
const MAX_REASONS = 10_000;
const STRANGER_PAUSE_MS = 60_000;

export class AlertDecider {
  readonly #parts: AlertDeciderParts;
  /** Last decision by topology, operator and diagnosis, so that a hold is logged only when it changes. */
  readonly #lastReasons = new Map<string, string>();
  #nextStrangerMs = -Infinity;

  constructor(parts: AlertDeciderParts) {
    this.#parts = parts;
  }

  /** Decides every accepted alert that has no decision yet. Resolves when none is left, or the signal aborts. */
  async decideAll(signal: AbortSignal): Promise<void> {
    for (;;) {
      const alerts = await this.#parts.log.undecidedAlerts(BATCH);
      if (alerts.length === 0 || signal.aborted) return;
      await this.#decideBatch(alerts, signal);
    }
  }

  async #decideBatch(alerts: readonly AcceptedAlert[], signal: AbortSignal): Promise<void> {
    const { log, watch, history, limits, clock } = this.#parts;
    // A pause that was just made holds back even earlier alerts.
    await watch.recall();
    if (!history.isCurrent)
      throw new DhalionError('storage_unavailable', 'the action log does not answer', { retryable: true });
    const facts = { ...(await recallHistory(log, watch, clock.now())), limits, watch, history, nowMs: clock.now() };
    const cases: Case[] = [];
    // Written together: one by one, each hold would wait for the disk.
    const holds: Promise<void>[] = [];
    for (const alert of alerts) {
      const found = this.#caseOf(alert);
      const reason = holdBeforeLooking(found === null ? null : alertContextOf(found, facts));
      if (reason !== null) holds.push(this.#hold(alert, found?.resolver ?? null, reason, null));
      else if (found !== null) cases.push(found);
    }
    const checked = await this.#withoutRefused(byTopology(cases), holds, signal);
    await Promise.all(holds);
    if (checked.length === 0) return;
    const looks = await this.#parts.watch.lookAt(
      checked.map(({ topology }) => topology),
      signal,
    );
    const claimed = { inAll: 0, real: 0 };
    for (const one of checked) {
      // Undecided alerts stay in the log, for the next start.
      if (signal.aborted) return;
      // The claims of this batch count too: the brake exists for a fleet that asks all at once.
      const [{ rules }] = one.cases;
      const { mode } = rules.settings;
      const more = mode === 'dry_run' ? claimed.inAll : claimed.real;
      const isBraked = more > 0 && isAtFleetLimit(facts, more, mode);
      const evaluation = looks.get(one.topology) ?? null;
      if (isBraked)
        for (const { alert, resolver } of one.cases) await this.#hold(alert, resolver, 'fleet_brake', evaluation);
      else if (await this.#decideTopology(one, evaluation, signal)) {
        claimed.inAll += 1;
        if (mode !== 'dry_run') claimed.real += 1;
      }
    }
  }

  /** Holds the alerts whose call would be refused again, judged by the newest look; returns those that need a fresh look. */
  async #withoutRefused(
    topologies: readonly TopologyCases[],
    holds: Promise<void>[],
    signal: AbortSignal,
  ): Promise<readonly CheckedCases[]> {
    const left: CheckedCases[] = [];
    for (const one of topologies) {
      const checked = { ...one, isCallRefused: await checkRefusals(one.cases, this.#parts, signal) };
      const evaluation = this.#parts.watch.find(one.topology)?.evaluation ?? null;
      const { answers } = this.#verdictOn(checked, evaluation);
      const refused = answers.filter(({ reason }) => reason === 'call_refused').map(({ alert }) => alert.of);
      for (const { alert, resolver } of refused) holds.push(this.#hold(alert, resolver, 'call_refused', null));
      const [first, ...others] = one.cases.filter((own) => !refused.includes(own));
      if (first !== undefined) left.push({ ...checked, cases: [first, ...others] });
    }
    return left;
  }

  /**
   * Answers all alerts that still hold with one action, without the held operators. Resolves with whether an action, or its
   * rehearsal, was claimed.
   */
  async #decideTopology(
    topology: CheckedCases,
    evaluation: TopologyEvaluation | null,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { plan, answers } = this.#verdictOn(topology, evaluation);
    const planned = answers
      .filter(({ reason }) => reason === null || reason === 'dry_run')
      .map(({ alert }) => alert.of);
    if (plan !== null && evaluation !== null) {
      const reason = await this.#claim(planned, plan, evaluation, signal);
      const [first, ...others] = topology.cases.filter((own) => !planned.includes(own));
      if (reason !== null) {
        for (const { alert, resolver } of planned) await this.#hold(alert, resolver, reason, evaluation);
        // The alerts after it may still lead to an action.
        if (first === undefined || signal.aborted) return false;
        return this.#decideTopology({ ...topology, cases: [first, ...others] }, evaluation, signal);
      }
    }
    for (const { alert, reason } of answers) {
      if (signal.aborted) break;
      if (reason !== null && reason !== 'dry_run') await this.#hold(alert.of.alert, alert.resolver, reason, evaluation);
    }
    return answers.some(({ reason }) => reason === null || reason === 'dry_run');
  }

  #verdictOn({ cases, isCallRefused }: CheckedCases, evaluation: TopologyEvaluation | null): PlanVerdict<CaseAlert> {
    const { history, watch, clock } = this.#parts;
    const [{ rules }] = cases;
    const candidates = history.candidates((topology) => watch.rulesOf(topology)?.settings ?? null, clock.now());
    return decidePlan({
      alerts: cases.map((of) => {
        return { operator: of.alert.operator, diagnosis: of.alert.diagnosis, resolver: of.resolver, of };
      }),
      evaluation,
      settings: rules.settings,
      isCallRefused,
      isBlacklisted: ({ operator, diagnosis, resolver, of: { alert } }) =>
        evaluation !== null &&
        isBlacklisted(
          candidates,
          { topology: alert.topology, operator, diagnosis, resolver },
          evaluation,
          rules.settings,
        ),
    });
  }

  /** null: the action is claimed; else why it cannot be. */
  async #claim(
    planned: readonly Case[],
    plan: PlannedAction,
    evaluation: TopologyEvaluation,
    signal: AbortSignal,
  ): Promise<HoldReason | null> {
    const [first] = planned;
    if (first === undefined) return 'not_current';
    const isDryRun = first.rules.settings.mode === 'dry_run';
    const action = await this.#actionFor(first, plan, evaluation, signal);
    if (typeof action === 'string') return action;
    const decisions = planned.map(({ alert, resolver }): LoggedDecision => {
      const decision = { ...this.#decisionOf(alert, resolver, evaluation), actionId: action.id };
      return isDryRun ? { ...decision, decision: 'hold', reason: 'dry_run' } : decision;
    });
    if (!(await this.#parts.log.claimAction(action, decisions))) return 'action_in_flight';
    for (const { alert, resolver } of planned) {
      if (isDryRun) this.#noteHold(alert, resolver, 'dry_run', evaluation, action);
      else this.#lastReasons.delete(keyOf(alert));
    }
    if (!isDryRun) this.#parts.logger.info(actingFields(action), 'acting');
    return null;
  }

  /** The action, or why it cannot be made: the labels for its call are unavailable, or its webhook's template does not render. */
  async #actionFor(
    { alert: { topology }, rules, resolver }: Case,
    plan: PlannedAction,
    evaluation: TopologyEvaluation,
    signal: AbortSignal,
  ): Promise<Action | HoldReason> {
    const { webhooks, clock, senseLabels, logger } = this.#parts;
    const webhook = webhooks.get(rules.webhooks[resolver] ?? '');
    if (webhook === undefined) return 'unsupported_resolver';
    const operators = plan.operators.map(({ operator }) => operator);
    try {
      const labels = await senseLabels(rules.engine, operators, this.#parts.watch.find(topology), signal);
      const isDryRun = rules.settings.mode === 'dry_run';
      return claimedAction({ id: randomUUID(), plan, evaluation, webhook, labels, isDryRun, nowMs: clock.now() });
    } catch (error) {
      // An abort is no fault of the call: the alerts stay undecided, for the next start.
      if (signal.aborted) throw error;
      logger.warn(
        { topology, operators: listNames(operators), error: describeError(error) },
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
    const decision = this.#decisionOf(alert, resolver, evaluation, reason);
    await this.#parts.log.recordHold({ ...decision, decision: 'hold', reason });
    this.#noteHold(alert, resolver, reason, evaluation);
  }

  /** Counts every hold; logs it when the reason changes. */
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
    // Names of unknown topologies are arbitrary and are not kept.
    if (this.#lastReasons.size >= MAX_REASONS) this.#lastReasons.clear();
    if (reason === 'unknown_topology') this.#noteStranger(alert);
    else this.#lastReasons.set(keyOf(alert), reason);
    const { topology, operator, diagnosis } = alert;
    const names = evaluation?.operators.map(({ measurement }) => measurement.spec.name) ?? [operator];
    // The alert is from another rule, or from a graph that has changed: the measurements are not at fault.
    const unknown = names.includes(operator) ? {} : { because: `the topology's operators are ${listNames(names)}` };
    const asked = action && operatorIn(action, operator);
    const change = asked && {
      current_parallelism: asked.currentParallelism,
      desired_parallelism: asked.desiredParallelism,
    };
    logger.info({ topology, operator, diagnosis, resolver, reason, ...change, ...unknown }, 'holding');
  }

  /** At most once a minute: each time searches all known topologies. */
  #noteStranger({ topology, operator }: AcceptedAlert): void {
    const { watch, clock, logger } = this.#parts;
    if (clock.elapsed() < this.#nextStrangerMs) return;
    const because = describeStranger({ operator }, watch.evaluations());
    if (because === null) return;
    this.#nextStrangerMs = clock.elapsed() + STRANGER_PAUSE_MS;
    logger.warn({ topology, operator, because }, 'an alert is about an unknown topology');
  }

  #decisionOf(
    { id, topology, operator, diagnosis }: AcceptedAlert,
    resolver: ResolverName | null,
    evaluation: TopologyEvaluation | null,
    held: HoldReason | null = null,
  ): LoggedDecision {
    const why =
      evaluation !== null && held === 'unknown_measurements'
        ? unknownBecause(evaluation, { operator, diagnosis })
        : null;
    const evidence = evaluation === null ? null : evidenceOf(evaluation, operator, why);
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

function byTopology(cases: readonly Case[]): readonly TopologyCases[] {
  const grouped = new Map<string, [Case, ...Case[]]>();
  for (const one of cases) {
    const known = grouped.get(one.alert.topology);
    if (known === undefined) grouped.set(one.alert.topology, [one]);
    else known.push(one);
  }
  return [...grouped].map(([topology, own]) => ({ topology, cases: own }));
}

/** The log fields of an action that begins, including what is known about its first operator. */
function actingFields(action: Action): Record<string, string | number | null> {
  const [{ reason }] = action.operators;
  return {
    ...factsOf(action),
    suspended_ratio: reason.suspendedRatio,
    pending_packets: reason.pendingPackets,
    processing_rate: reason.processingRate,
    offered_ratio: reason.offeredRatio,
    expected_busy: reason.expectedBusy,
    needed_instances: reason.neededInstances,
  };
}
