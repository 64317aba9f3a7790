// What the policy needs to know about an alert before a look at its topology, from the action log.
import type { AcceptedAlert } from '../action-log/log-entries.js';
import type { FleetLimits } from '../config/configuration.js';
import type { Action } from '../model/action.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import type { Mode } from '../model/policy-settings.js';
import type { ResolverName } from '../model/resolver.js';
import type { AlertContext } from '../policy/hold-before-looking.js';
import { isExcluded } from '../policy/excluded-period.js';
import { fleetBrakeOf } from '../policy/fleet-brake.js';
import type { RecalledLog } from './recalled-log.js';
import type { TopologyRules } from './topology-rules.js';

/** An alert whose topology is configured, with the resolver that would answer it. */
export interface Case {
  readonly alert: AcceptedAlert;
  readonly rules: TopologyRules;
  readonly resolver: ResolverName;
}

const HOUR_MS = 3_600_000;

/** What a batch of alerts is judged by. */
export interface AlertFacts {
  readonly recalled: Pick<RecalledLog, 'open' | 'actions' | 'isPaused'>;
  readonly limits: FleetLimits;
  /** The newest of every topology. */
  readonly evaluations: readonly TopologyEvaluation[];
  readonly nowMs: number;
}

export function alertContextOf({ alert, rules, resolver }: Case, facts: AlertFacts): AlertContext {
  const { recalled, nowMs } = facts;
  const { open, actions } = recalled;
  const { settings, webhooks } = rules;
  const isOfTopology = ({ topology }: Action): boolean => topology === alert.topology;
  const lastJudgedAtMs = Math.max(...actions.filter(isOfTopology).map(({ judgedAtMs }) => judgedAtMs ?? -Infinity));
  const lastHour = actions.filter(countedBy(settings.mode, nowMs).inLastHour);
  return {
    resolver,
    isSupported: webhooks[resolver] !== undefined,
    mode: settings.mode,
    maxAlertAgeMs: settings.maxAlertAgeMs,
    alertAgeMs: nowMs - alert.acceptedAtMs,
    isPaused: recalled.isPaused(alert.topology, resolver, nowMs),
    isExcludedPeriod: isExcluded(settings.excludedPeriods, nowMs),
    hasOpenAction: open.some(isOfTopology),
    cooldownMs: settings.cooldownMs,
    sinceLastJudgedMs: Number.isFinite(lastJudgedAtMs) ? nowMs - lastJudgedAtMs : null,
    maxActionsPerHour: settings.maxActionsPerHour,
    limitedActionsInLastHour: lastHour.filter((action) => isOfTopology(action) && isLimited(action)).length,
    isFleetBraked: describeFleetBrake({ rules, resolver }, facts) !== null,
  };
}

/**
 * Which limit of the fleet holds an alert with this resolver, in words; null: none.
 * @param claimed actions that were claimed since the log was read
 */
export function describeFleetBrake(
  { rules, resolver }: Pick<Case, 'rules' | 'resolver'>,
  { recalled, limits, evaluations, nowMs }: AlertFacts,
  claimed = 0,
): string | null {
  const isCounted = countedBy(rules.settings.mode, nowMs);
  const fleet = {
    openActions: recalled.open.filter(isCounted.open).length + claimed,
    actionsInLastHour: recalled.actions.filter(isCounted.inLastHour).length + claimed,
    evaluations,
  };
  return fleetBrakeOf(resolver, fleet, limits);
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
