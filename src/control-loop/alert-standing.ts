// What the policy needs to know of an alert before anybody looks at its topology, gathered from the action log.
import type { AcceptedAlert, ActionLog } from '../action-log/action-log.js';
import type { FleetLimits } from '../config/configuration.js';
import type { Action } from '../model/action.js';
import type { Mode } from '../model/policy-settings.js';
import type { ResolverName } from '../model/resolver.js';
import type { Standing } from '../policy/hold-before-looking.js';
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
  /** Of the last hour, and as far back as a cooldown may reach; dry runs too, which have a cooldown like real ones. */
  readonly actions: readonly Action[];
}

const HOUR_MS = 3_600_000;
/** However long it settles, an action is judged well within a day of its claim. */
const JUDGED_WITHIN_MS = 24 * HOUR_MS;
/** Far above what `limits` let through in that time; dry runs, which are limited by themselves, are read apart. */
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

export interface StandingFacts extends RecalledActions {
  readonly limits: FleetLimits;
  readonly watch: TopologyWatch;
  readonly history: ActionHistory;
  readonly nowMs: number;
}

export function standingOf({ alert, rules, resolver }: Case, facts: StandingFacts): Standing {
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
    // Found out last, and only where nothing else holds it.
    isCallRefused: false,
  };
}

/** Whether so many more actions use up what the fleet may have open, or begin in an hour. */
export function isAtFleetLimit(
  { open, actions, limits, nowMs }: Pick<StandingFacts, 'open' | 'actions' | 'limits' | 'nowMs'>,
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
 * What limits count: actions begun in the last hour, but for those that came to nothing since their call failed. A dry run uses up
 * what others rehearse with, and nothing of what is there for real actions.
 */
function countedBy(mode: Mode, nowMs: number): Counted {
  const open = ({ dryRun }: Action): boolean => !dryRun || mode === 'dry_run';
  return {
    open,
    inLastHour: (action) => open(action) && action.outcome !== 'failed' && action.claimedAtMs > nowMs - HOUR_MS,
  };
}

/** More capacity, and the undoing of harm, are not counted. */
function isLimited({ resolver }: Action): boolean {
  return resolver !== 'scale_up' && resolver !== 'revert';
}
