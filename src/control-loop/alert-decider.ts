// From accepted alerts to decisions: collects the policy's input, asks it, and writes its answer. At most one action a
// topology; alerts that wait together share one fresh look.
import { randomUUID } from 'node:crypto';
import type { ActionLog } from '../action-log/action-log.js';
import type { AcceptedAlert, LoggedDecision } from '../action-log/log-entries.js';
import type { Clock } from '../clock.js';
import type { FleetLimits } from '../config/configuration.js';
import type { WebhookSettings } from '../webhooks/webhook-types.js';
import { listNames } from '../grammar/config-fault.js';
import { describeError, DhalionError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import type { Action } from '../model/action.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { PlannedAction, ResolverName } from '../model/resolver.js';
import { evidenceOf } from '../policy/decision-evidence.js';
import { decidePlan, type AskingAlert, type PlanVerdict } from '../policy/decide-plan.js';
import { holdBeforeLooking } from '../policy/hold-before-looking.js';
import { unknownBecause } from '../policy/unknown-because.js';
import { factsOfClaim } from './action-facts.js';
import { claimedAction, type LabelSensor } from './claim-action.js';
import { HoldReports, type Hold } from './hold-reports.js';
import { alertContextOf, describeFleetBrake, type Case } from './alert-context.js';
import { isBlacklisted, type RecalledLog } from './recalled-log.js';
import { checkRefusals, type RefusalCheck } from './refused-calls.js';
import { resolverFor } from './resolver-for.js';
import type { TopologyWatch } from './topology-watch.js';

export interface AlertDeciderParts {
  readonly log: ActionLog;
  readonly watch: TopologyWatch;
  /** Reads the action log: once for each batch. */
  readonly recall: () => Promise<RecalledLog>;
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
  readonly recalled: RecalledLog;
}

interface CheckedCases extends TopologyCases {
  readonly isCallRefused: RefusalCheck;
}

/** Why no action could be claimed. */
type Unclaimed = Pick<Hold, 'reason' | 'because'>;

interface CaseAlert extends AskingAlert {
  readonly of: Case;
}

const BATCH = 1000;

export class AlertDecider {
  readonly #parts: AlertDeciderParts;
  readonly #reports: HoldReports;

  constructor(parts: AlertDeciderParts) {
    this.#parts = parts;
    this.#reports = new HoldReports(parts);
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
    const { watch, limits, clock } = this.#parts;
    // A pause that was just made holds back even earlier alerts.
    const recalled = await this.#parts.recall();
    if (!recalled.isCurrent)
      throw new DhalionError('storage_unavailable', 'the action log does not answer', { retryable: true });
    const facts = { recalled, limits, evaluations: watch.evaluations(), nowMs: clock.now() };
    const cases: Case[] = [];
    // Written together: one by one, each hold would wait for the disk.
    const holds: Promise<void>[] = [];
    for (const alert of alerts) {
      const found = this.#caseOf(alert, recalled);
      const reason = holdBeforeLooking(found === null ? null : alertContextOf(found, facts));
      if (reason !== null) {
        const because = found !== null && reason === 'fleet_brake' ? describeFleetBrake(found, facts) : null;
        holds.push(this.#hold({ alert, resolver: found?.resolver ?? null, reason, evaluation: null, because }));
      } else if (found !== null) cases.push(found);
    }
    const checked = await this.#withoutRefused(byTopology(cases, recalled), holds, signal);
    await Promise.all(holds);
    if (checked.length === 0) return;
    const looks = await this.#parts.watch.lookAt(
      checked.map(({ topology }) => topology),
      recalled,
      signal,
    );
    const claimed = { inAll: 0, real: 0 };
    for (const one of checked) {
      // Undecided alerts stay in the log, for the next start.
      if (signal.aborted) return;
      // The claims of this batch count too: the brake exists for a fleet that asks all at once.
      const [first] = one.cases;
      const { mode } = first.rules.settings;
      const because = describeFleetBrake(first, facts, mode === 'dry_run' ? claimed.inAll : claimed.real);
      const evaluation = looks.get(one.topology) ?? null;
      if (because !== null) {
        for (const { alert, resolver } of one.cases)
          await this.#hold({ alert, resolver, reason: 'fleet_brake', evaluation, because });
      } else if (await this.#decideTopology(one, evaluation, signal)) {
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
      const watched = this.#parts.watch.find(one.topology);
      const parts = { ...this.#parts, recalled: one.recalled, watched };
      const checked = { ...one, isCallRefused: await checkRefusals(one.cases, parts, signal) };
      const evaluation = watched?.evaluation ?? null;
      const { answers } = this.#verdictOn(checked, evaluation);
      const refused = answers.filter(({ reason }) => reason === 'call_refused').map(({ alert }) => alert.of);
      for (const { alert, resolver } of refused) {
        holds.push(this.#hold({ alert, resolver, reason: 'call_refused', evaluation: null, because: null }));
      }
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
      const held = await this.#claim(planned, plan, evaluation, signal);
      const [first, ...others] = topology.cases.filter((own) => !planned.includes(own));
      if (held !== null) {
        for (const { alert, resolver } of planned) await this.#hold({ alert, resolver, evaluation, ...held });
        // The alerts after it may still lead to an action.
        if (first === undefined || signal.aborted) return false;
        return this.#decideTopology({ ...topology, cases: [first, ...others] }, evaluation, signal);
      }
    }
    for (const { alert, reason } of answers) {
      if (signal.aborted) break;
      if (reason === null || reason === 'dry_run') continue;
      await this.#hold({ alert: alert.of.alert, resolver: alert.resolver, reason, evaluation, because: null });
    }
    return answers.some(({ reason }) => reason === null || reason === 'dry_run');
  }

  #verdictOn(
    { topology, cases, recalled, isCallRefused }: CheckedCases,
    evaluation: TopologyEvaluation | null,
  ): PlanVerdict<CaseAlert> {
    const [{ rules }] = cases;
    const candidates = recalled.candidatesOf(topology, rules.settings, this.#parts.clock.now());
    return decidePlan({
      alerts: cases.map((of) => {
        return { operator: of.alert.operator, diagnosis: of.alert.diagnosis, resolver: of.resolver, of };
      }),
      evaluation,
      settings: rules.settings,
      isCallRefused,
      isBlacklisted: ({ operator, diagnosis, resolver }) =>
        evaluation !== null &&
        isBlacklisted(candidates, { topology, operator, diagnosis, resolver }, evaluation, rules.settings),
    });
  }

  /** null: the action is claimed; else why it cannot be. */
  async #claim(
    planned: readonly Case[],
    plan: PlannedAction,
    evaluation: TopologyEvaluation,
    signal: AbortSignal,
  ): Promise<Unclaimed | null> {
    const [first] = planned;
    if (first === undefined) return { reason: 'not_current', because: null };
    const isDryRun = first.rules.settings.mode === 'dry_run';
    const action = await this.#actionFor(first, plan, evaluation, signal);
    if ('because' in action) return action;
    const decisions = planned.map(({ alert, resolver }): LoggedDecision => {
      const decision = { ...this.#decisionOf(alert, resolver, evaluation), actionId: action.id };
      return isDryRun ? { ...decision, decision: 'hold', reason: 'dry_run' } : decision;
    });
    if (!(await this.#parts.log.claimAction(action, decisions))) return { reason: 'action_in_flight', because: null };
    for (const { alert, resolver } of planned) {
      if (isDryRun) this.#reports.report({ alert, resolver, reason: 'dry_run', evaluation, because: null, action });
      else this.#reports.forget(alert);
    }
    if (!isDryRun) this.#parts.logger.info(factsOfClaim(action), 'acting');
    return null;
  }

  /** The action, or why it cannot be made: the labels for its call are unavailable, or its webhook's template does not render. */
  async #actionFor(
    { alert: { topology }, rules, resolver }: Case,
    plan: PlannedAction,
    evaluation: TopologyEvaluation,
    signal: AbortSignal,
  ): Promise<Action | Unclaimed> {
    const { webhooks, clock, senseLabels, logger } = this.#parts;
    const webhook = webhooks.get(rules.webhooks[resolver] ?? '');
    if (webhook === undefined) return { reason: 'unsupported_resolver', because: null };
    const operators = plan.operators.map(({ operator }) => operator);
    try {
      const labels = await senseLabels(rules.engine, operators, this.#parts.watch.find(topology), signal);
      const isDryRun = rules.settings.mode === 'dry_run';
      return claimedAction({ id: randomUUID(), plan, evaluation, webhook, labels, isDryRun, nowMs: clock.now() });
    } catch (error) {
      // An abort is no fault of the call: the alerts stay undecided, for the next start.
      if (signal.aborted) throw error;
      const because = describeError(error);
      logger.warn({ topology, operators: listNames(operators), error: because }, 'cannot prepare the call');
      const isOurs = error instanceof DhalionError && error.code === 'config_invalid';
      return isOurs
        ? { reason: 'unsupported_resolver', because }
        : { reason: 'unknown_measurements', because: `the labels for the call are unknown: ${because}` };
    }
  }

  #caseOf(alert: AcceptedAlert, recalled: RecalledLog): Case | null {
    const { watch, clock } = this.#parts;
    const rules = watch.rulesOf(alert.topology);
    return rules === null ? null : { alert, rules, resolver: resolverFor(alert, rules, recalled, clock.now()) };
  }

  async #hold(hold: Hold): Promise<void> {
    const { alert, resolver, reason, evaluation } = hold;
    await this.#parts.log.recordHold({
      ...this.#decisionOf(alert, resolver, evaluation, hold),
      decision: 'hold',
      reason,
    });
    this.#reports.report(hold);
  }

  #decisionOf(
    { id, topology, operator, diagnosis }: AcceptedAlert,
    resolver: ResolverName | null,
    evaluation: TopologyEvaluation | null,
    held: Pick<Hold, 'reason' | 'because'> | null = null,
  ): LoggedDecision {
    const why =
      evaluation !== null && held?.reason === 'unknown_measurements'
        ? (held.because ?? unknownBecause(evaluation, { operator, diagnosis }))
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

function byTopology(cases: readonly Case[], recalled: RecalledLog): readonly TopologyCases[] {
  const grouped = new Map<string, [Case, ...Case[]]>();
  for (const one of cases) {
    const known = grouped.get(one.alert.topology);
    if (known === undefined) grouped.set(one.alert.topology, [one]);
    else known.push(one);
  }
  return [...grouped].map(([topology, own]) => ({ topology, cases: own, recalled }));
}
