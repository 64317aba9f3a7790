// Follows every completed action until it can be judged: looks at its topology, asks the policy, writes the outcome. It
// undoes harm: a harmful scale_down is reverted, repeatedly until a revert succeeds.
import { randomUUID } from 'node:crypto';
import type { ActionLog } from '../action-log/action-log.js';
import { LARGEST_ADJUSTMENT_MS, type Clock } from '../clock.js';
import type { HoldUp } from '../webhooks/webhook-type.js';
import type { WebhookSettings } from '../webhooks/webhook-types.js';
import { describeError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { ServiceMetrics } from '../metrics/service-metrics.js';
import type { Action, Settling } from '../model/action.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { Outcome } from '../model/outcome.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { evidenceOf } from '../policy/decision-evidence.js';
import { judgeAction } from '../policy/judge-action.js';
import { engineWaitsUntilMs } from '../policy/engine-wait.js';
import { isRehearsalOver } from '../policy/judge-rehearsal.js';
import { planRevert } from '../policy/plan-revert.js';
import { factsOf } from './action-facts.js';
import { isSameCall, revertOf, changeOfRevert, type LabelSensor } from './claim-action.js';
import { withWait, wordsOf, type HoldUps } from './hold-ups.js';
import type { Lease } from './lease.js';
import type { RecalledLog } from './recalled-log.js';
import { refusedBySame } from './refused-calls.js';
import type { TopologyWatch } from './topology-watch.js';

export interface ActionSettlerParts {
  readonly log: ActionLog;
  readonly lease: Lease;
  readonly watch: TopologyWatch;
  /** Reads the action log: once for each look. */
  readonly recall: () => Promise<RecalledLog>;
  readonly webhooks: ReadonlyMap<string, WebhookSettings>;
  readonly senseLabels: LabelSensor;
  readonly holdUps: HoldUps;
  readonly metrics: ServiceMetrics;
  readonly windowMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What reverts are decided by. */
interface RevertFacts {
  readonly recalled: RecalledLog;
  readonly looks: ReadonlyMap<string, TopologyEvaluation>;
  readonly signal: AbortSignal;
}

export class ActionSettler {
  readonly #parts: ActionSettlerParts;

  constructor(parts: ActionSettlerParts) {
    this.#parts = parts;
  }

  /** Judges all completed actions that can be judged now. Resolves with whether any of them did harm. */
  async settle(openActions: readonly Action[], signal: AbortSignal): Promise<boolean> {
    const completed = openActions.filter(({ state }) => state === 'completed');
    for (const rehearsal of completed.filter(({ dryRun }) => dryRun)) await this.#endRehearsal(rehearsal);
    const settling = completed.filter(({ dryRun }) => !dryRun);
    if (settling.length === 0) return false;
    const { clock, holdUps, recall } = this.#parts;
    const readMs = clock.now() - clock.elapsed();
    const look = async () => this.#lookAt(settling, await recall(), signal);
    const [looks, heldUp] = await Promise.all([look(), holdUps.explain(settling, signal)]);
    if (signal.aborted) return false;
    // The clock was set meanwhile: the actions' times are read again before they are judged.
    if (Math.abs(clock.now() - clock.elapsed() - readMs) > LARGEST_ADJUSTMENT_MS) return false;
    let isHarmDone = false;
    for (const action of settling) {
      const evaluation = looks.get(action.topology) ?? null;
      const outcome = await this.#settleOne(action, evaluation, heldUp.get(action.id) ?? null);
      isHarmDone ||= outcome === 'harmful';
    }
    return isHarmDone;
  }

  /** Claims the reverts that are due. A parallelism that somebody else changed ends them. */
  async revertHarm(signal: AbortSignal): Promise<void> {
    const due = await this.#parts.log.dueReverts();
    if (due.length === 0) return;
    const recalled = await this.#parts.recall();
    const looks = await this.#lookAt(due, recalled, signal);
    if (signal.aborted || !recalled.isCurrent) return;
    for (const harmful of due) await this.#revertOne(harmful, { recalled, looks, signal });
  }

  #lookAt(
    actions: readonly Action[],
    recalled: RecalledLog,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, TopologyEvaluation>> {
    const topologies = [...new Set(actions.map(({ topology }) => topology))];
    return this.#parts.watch.lookAt(topologies, recalled, signal);
  }

  /** A rehearsal needs no look: nothing was called. */
  async #endRehearsal(action: Action): Promise<void> {
    const { lease, watch, clock } = this.#parts;
    const rules = watch.rulesWhileSettling(action.topology);
    if (rules !== null && !isRehearsalOver(action, rules.settings, clock.now())) return;
    if (await lease.take(action.id, 0)) await this.#conclude(action, { outcome: 'dry_run', blamed: null });
  }

  /** null: not judged yet, or not by this replica. */
  async #settleOne(
    action: Action,
    evaluation: TopologyEvaluation | null,
    told: HoldUp | null,
  ): Promise<Outcome | null> {
    const { lease, watch, windowMs, clock } = this.#parts;
    if (!(await lease.take(action.id, 0))) return null;
    const rules = watch.rulesWhileSettling(action.topology);
    // The topology left the configuration while the service was down: no look is possible any more.
    if (rules === null) return this.#conclude(action, { outcome: 'unknown', blamed: null });
    // The look's window ends where it began, however long Prometheus or the log took.
    const nowMs = evaluation?.atMs ?? clock.now();
    const waiting = withWait(action, told);
    const judgement = judgeAction({ action: waiting, evaluation, settings: rules.settings, windowMs, nowMs });
    const settled = judgement.kind === 'judged' ? waiting : { ...waiting, settling: judgement.settling };
    await this.#recordSettling(action, { ...settled.settling, heldUpBy: wordsOf(settled, told, nowMs) });
    return judgement.kind === 'judged' ? this.#conclude(action, judgement) : null;
  }

  async #recordSettling(action: Action, settling: Settling): Promise<void> {
    const { log, logger } = this.#parts;
    if (JSON.stringify(settling) === JSON.stringify(action.settling)) return;
    await log.recordSettling(action.id, settling);
    const { heldUpBy } = settling;
    if (heldUpBy === null || heldUpBy === action.settling.heldUpBy) return;
    const untilMs = engineWaitsUntilMs({ ...action, settling });
    const until = untilMs === null ? {} : { at_most_until: new Date(untilMs).toISOString() };
    logger.info({ ...factsOf(action), held_up_by: heldUpBy, ...until }, 'the change is not visible yet');
  }

  async #conclude(
    action: Action,
    { outcome, blamed }: Pick<Action, 'blamed'> & { readonly outcome: Outcome },
  ): Promise<Outcome | null> {
    const { log, metrics, clock, logger } = this.#parts;
    if (!(await log.judgeAction(action.id, outcome, clock.now(), { blamed }))) return null;
    metrics.recordAction({ ...action, outcome });
    logger.info({ ...factsOf(action), outcome }, 'action judged');
    return outcome;
  }

  async #revertOne(harmful: Action, { recalled, looks, signal }: RevertFacts): Promise<void> {
    const { watch, clock } = this.#parts;
    const rules = watch.rulesWhileSettling(harmful.topology);
    const evaluation = looks.get(harmful.topology);
    if (rules === null || evaluation === undefined) return;
    const isPaused = recalled.isPaused(harmful.topology, 'revert', clock.now());
    const plan = planRevert(harmful, { evaluation, mode: rules.settings.mode, isPaused });
    if (plan === 'wait') return;
    const revert = await this.#prepareRevert(harmful, plan, { recalled, evaluation, signal });
    if (revert === null) return;
    if (plan === 'revert') {
      if (await this.#claimRevert(revert, evaluation)) {
        this.#parts.logger.warn(factsOf(revert), 'reverting a harmful scale down');
      }
      return;
    }
    // Written as judged at once: an open action could be sent.
    const superseded = { ...revert, state: 'judged', outcome: 'superseded', judgedAtMs: clock.now() } as const;
    if (await this.#claimRevert(superseded, evaluation)) {
      this.#parts.metrics.recordAction({ ...revert, outcome: 'superseded' });
      this.#parts.logger.info(factsOf(revert), 'not reverted: somebody else has changed the parallelism');
    }
  }

  /** null: the call cannot be prepared now, or is not needed yet. */
  async #prepareRevert(
    harmful: Action,
    plan: 'revert' | 'superseded',
    { recalled, evaluation, signal }: Pick<RevertFacts, 'recalled' | 'signal'> & { evaluation: TopologyEvaluation },
  ): Promise<Action | null> {
    const { watch, webhooks, senseLabels, clock, logger } = this.#parts;
    const rules = watch.rulesWhileSettling(harmful.topology);
    const webhook = webhooks.get(harmful.webhook) ?? webhooks.get(rules?.webhooks.scale_down ?? '');
    if (rules === null || webhook === undefined) {
      logger.error(
        { ...factsOf(harmful), webhook: harmful.webhook },
        'cannot revert: the webhook is no longer configured',
      );
      return null;
    }
    try {
      const names = harmful.operators.map(({ operator }) => operator);
      const labels = await senseLabels(rules.engine, names, watch.find(harmful.topology), signal);
      if (plan === 'revert' && (await this.#wasRefused(harmful, rules.settings, recalled, { webhook, labels })))
        return null;
      return revertOf(harmful, { id: randomUUID(), evaluation, webhook, labels, nowMs: clock.now() });
    } catch (error) {
      logger.warn({ ...factsOf(harmful), error: describeError(error) }, 'cannot prepare the revert');
      return null;
    }
  }

  /** Whether the same call would only be refused again; the revert stays due. */
  async #wasRefused(
    harmful: Action,
    { retryRefusedAfterMs }: PolicySettings,
    recalled: RecalledLog,
    to: Parameters<typeof isSameCall>[2],
  ): Promise<boolean> {
    const change = changeOfRevert(harmful);
    const sinceMs = this.#parts.clock.now() - retryRefusedAfterMs;
    const refused = recalled.refusedSince(harmful.topology, harmful.operators[0].operator, change.resolver, sinceMs);
    return (await refusedBySame(refused, to.webhook)).some((earlier) => isSameCall(earlier, change, to));
  }

  #claimRevert(revert: Action, evaluation: TopologyEvaluation): Promise<boolean> {
    const { id, topology, resolver } = revert;
    const decisions = revert.operators.map(({ operator, diagnosis }) => ({
      atMs: revert.claimedAtMs,
      topology,
      operator,
      diagnosis,
      resolver,
      decision: 'act' as const,
      reason: null,
      actionId: id,
      alertId: null,
      evidence: evidenceOf(evaluation, operator),
    }));
    return this.#parts.log.claimAction(revert, decisions);
  }
}
