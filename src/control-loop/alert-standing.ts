// What the policy needs to know of an alert before anybody looks at its topology, gathered from the action log.
import type { AcceptedAlert, ActionLog } from '../action-log/action-log.js';
import type { FleetLimits } from '../config/configuration.js';
import type { Action } from '../model/action.js';
import type { ResolverName } from '../model/resolver.js';
import type { Standing } from '../policy/decide.js';
import { isFleetBraked } from '../policy/fleet-brake.js';
import type { TopologyRules, TopologyWatch, WatchedTopology } from './topology-watch.js';

/** An alert whose topology is configured, with the resolver that would answer it. */
export interface Case {
  readonly alert: AcceptedAlert;
  readonly rules: TopologyRules;
  readonly resolver: ResolverName;
}

export interface History {
  readonly open: readonly Action[];
  /** Of the last hour, and as far back as a cooldown may reach. */
  readonly actions: readonly Action[];
}

const HOUR_MS = 3_600_000;
/** However long it settles, an action is judged well within a day of its claim. */
const JUDGED_WITHIN_MS = 24 * HOUR_MS;
/** Far above what `limits` let through in that time. */
const MAX_HISTORY = 10_000;

export async function recallHistory(log: ActionLog, watch: TopologyWatch, nowMs: number): Promise<History> {
  const cooldowns = watch.all().map(({ settings }) => settings.cooldownMs);
  const sinceMs = nowMs - Math.max(HOUR_MS, ...cooldowns) - JUDGED_WITHIN_MS;
  const [open, actions] = await Promise.all([log.openActions(), log.actions({ sinceMs, limit: MAX_HISTORY })]);
  return { open, actions };
}

export interface FleetFacts {
  readonly history: History;
  readonly limits: FleetLimits;
  readonly evaluations: readonly WatchedTopology[];
  readonly nowMs: number;
}

export function standingOf(
  { alert, rules, resolver }: Case,
  { history, limits, evaluations, nowMs }: FleetFacts,
): Standing {
  const { settings, webhooks } = rules;
  const isOfTopology = ({ topology }: Action): boolean => topology === alert.topology;
  const lastJudgedAtMs = Math.max(
    ...history.actions.filter(isOfTopology).map(({ judgedAtMs }) => judgedAtMs ?? -Infinity),
  );
  const lastHour = history.actions.filter(({ claimedAtMs, dryRun }) => !dryRun && claimedAtMs > nowMs - HOUR_MS);
  const fleet = {
    openActions: history.open.length,
    actionsInLastHour: lastHour.length,
    evaluations: evaluations.map(({ evaluation }) => evaluation),
  };
  return {
    resolver,
    isSupported: webhooks[resolver] !== undefined,
    mode: settings.mode,
    maxAlertAgeMs: settings.maxAlertAgeMs,
    alertAgeMs: nowMs - alert.acceptedAtMs,
    isPaused: false,
    isExcludedPeriod: false,
    hasOpenAction: history.open.some(isOfTopology),
    cooldownMs: settings.cooldownMs,
    sinceLastJudgedMs: Number.isFinite(lastJudgedAtMs) ? nowMs - lastJudgedAtMs : null,
    maxActionsPerHour: settings.maxActionsPerHour,
    limitedActionsInLastHour: lastHour.filter((action) => isOfTopology(action) && isLimited(action)).length,
    isFleetBraked: isFleetBraked(resolver, fleet, limits),
  };
}

/** More capacity, and the undoing of harm, are not counted. */
function isLimited({ resolver }: Action): boolean {
  return resolver !== 'scale_up' && resolver !== 'revert';
}
