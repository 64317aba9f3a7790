// What the policy needs to know about an alert before a look at its topology, from the action log.
import type { AcceptedAlert, ActionLog } from '../action-log/action-log.js';
import type { FleetLimits } from '../config/configuration.js';
import type { Action } from '../model/action.js';
import type { Mode } from '../model/policy-settings.js';
import type { ResolverName } from '../model/resolver.js';
import type { AlertContext } from '../policy/hold-before-looking.js';
import { isExcluded } from '../policy/excluded-period.js';
import { isFleetBraked } from '../policy/fleet-brake.js';
import type { ActionHistory } from './action-history.js';
import type { TopologyRules } from './topology-rules.js';
import type { TopologyWatch } from './topology-watch.js';

/** An alert whose topology is configured, with the resolver that would answer it. */
export interface Case {
  readonly alert: AcceptedAlert;
  readonly rules: TopologyRules;
  readonly resolver: ResolverName;
}

export interface RecalledActions {
  readonly open: readonly Action[];
  /** Actions of the last hour, and as far back as a cooldown may reach; dry runs too, since they have a cooldown. */
  readonly actions: readonly Action[];
}

const HOUR_MS = 3_600_000;
/** An action is judged well within a day of its claim, however long it settles. */
const JUDGED_WITHIN_MS = 24 * HOUR_MS;
/** Far more than `limits` allow in that time; dry runs have limits of their own and are read separately. */
const MAX_HISTORY = 10_000;

export async function recallHistory(
  log: Pick<ActionLog, 'openActions' | 'actions'>,
  watch: Pick<TopologyWatch, 'all'>,
  nowMs: number,
): Promise<RecalledActions> {
  const cooldowns = watch.all().map(({ settings }) => settings.cooldownMs);
  const sinceMs = nowMs - Math.max(HOUR_MS, ...cooldowns) - JUDGED_WITHIN_MS;
  const [open, actions, dryRuns] = await Promise.all([
    log.openActions(),
    log.actions({ sinceMs, limit: MAX_HISTORY, dryRun: false }),
    log.actions({ sinceMs, limit: MAX_HISTORY, dryRun: true }),
  ]);
  return { open, actions: [...actions, ...dryRuns] };
}

export interface AlertFacts extends RecalledActions {
  readonly limits: FleetLimits;
  readonly watch: TopologyWatch;
  readonly history: ActionHistory;
  readonly nowMs: number;
}

export function alertContextOf({ alert, rules, resolver }: Case, facts: AlertFacts): AlertContext {
  const { open, actions, limits, watch, history, nowMs } = facts;
  const { settings, webhooks } = rules;
  const isOfTopology = ({ topology }: Action): boolean => topology === alert.topology;
  const lastJudgedAtMs = Math.max(...actions.filter(isOfTopology).map(({ judgedAtMs }) => judgedAtMs ?? -Infinity));
  const isCounted = countedBy(settings.mode, nowMs);
  const lastHour = actions.filter(isCounted.inLastHour);
  const fleet = {
    openActions: open.filter(isCounted.open).length,
    actionsInLastHour: lastHour.length,
    evaluations: watch.all().map(({ evaluation }) => evaluation),
  };
  return {
    resolver,
    isSupported: webhooks[resolver] !== undefined,
    mode: settings.mode,
    maxAlertAgeMs: settings.maxAlertAgeMs,
    alertAgeMs: nowMs - alert.acceptedAtMs,
    isPaused: history.isPaused(alert.topology, resolver, nowMs),
    isExcludedPeriod: isExcluded(settings.excludedPeriods, nowMs),
    hasOpenAction: open.some(isOfTopology),
    cooldownMs: settings.cooldownMs,
    sinceLastJudgedMs: Number.isFinite(lastJudgedAtMs) ? nowMs - lastJudgedAtMs : null,
    maxActionsPerHour: settings.maxActionsPerHour,
    limitedActionsInLastHour: lastHour.filter((action) => isOfTopology(action) && isLimited(action)).length,
    isFleetBraked: isFleetBraked(resolver, fleet, limits),
    // Found last, and only if nothing else holds the alert.
    isCallRefused: false,
  };
}

/** Whether this many more actions would reach a limit of the fleet: open actions, or actions in an hour. */
export function isAtFleetLimit(
  { open, actions, limits, nowMs }: Pick<AlertFacts, 'open' | 'actions' | 'limits' | 'nowMs'>,
  more: number,
  mode: Mode = 'enforce',
): boolean {
  const isCounted = countedBy(mode, nowMs);
  const [opened, begun] = [open.filter(isCounted.open), actions.filter(isCounted.inLastHour)];
  return opened.length + more >= limits.maxOpenActions || begun.length + more >= limits.maxActionsPerHour;
}

interface Counted {
  readonly open: (action: Action) => boolean;
  readonly inLastHour: (action: Action) => boolean;
}

/**
 * The actions that limits count: open ones, and those claimed in the last hour, except failed calls. A dry run counts for the
 * limits of other dry runs only.
 */
function countedBy(mode: Mode, nowMs: number): Counted {
  const open = ({ dryRun }: Action): boolean => !dryRun || mode === 'dry_run';
  return {
    open,
    inLastHour: (action) => open(action) && action.outcome !== 'failed' && action.claimedAtMs > nowMs - HOUR_MS,
  };
}

/** Scale-ups and reverts are not limited. */
function isLimited({ resolver }: Action): boolean {
  return resolver !== 'scale_up' && resolver !== 'revert';
}
