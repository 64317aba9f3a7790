// What the action log says about a topology's past: derived at each look, never stored by itself.
import { operatorIn, type Action, type ActionOperator } from '../model/action.js';
import type { Experience, ScaleDownFloor } from '../model/experience.js';
import type { BusyBefore, NeededPeaks } from '../model/operator-load.js';
import type { PolicySettings } from '../model/policy-settings.js';
import type { BlacklistCandidate } from './project-blacklist.js';

const HOUR_MS = 3_600_000;
/** Capacities that differ by no more than this factor are the same, apart from noise. */
const SAME_CAPACITY = 1.25;

export interface Past {
  /** Actions of one topology within `blacklist_ttl`, in any order and state; without dry runs. */
  readonly actions: readonly Action[];
  /** Entries of the same topology. */
  readonly blacklist: readonly BlacklistCandidate[];
  /** See needed-memory.ts. */
  readonly neededPeaks: ReadonlyMap<string, NeededPeaks>;
  /** See busy-memory.ts. */
  readonly busyBefore: ReadonlyMap<string, BusyBefore>;
  /** When another parallelism of one of its operators was last seen; null: not lately. */
  readonly rescaledAtMs: number | null;
}

export function recallExperience(past: Past, settings: PolicySettings, nowMs: number): Experience {
  const actions = sinceTtl(past.actions, settings, nowMs);
  return {
    fullBusy: newestOf(actions, fullBusyThen),
    capacityPerInstance: newestOf(actions, capacityThen),
    provenCapacity: provenCapacities(actions),
    scaledDownFrom: scaledDownFrom(actions, nowMs),
    floors: floorsOf(past.blacklist),
    hasReversed: countReversals(actions) > 0,
    neededPeaks: past.neededPeaks,
    busyBefore: past.busyBefore,
    changedAtMs: changedAtMs(past, nowMs),
  };
}

/** M = scale_down_memory × 2^k, at most its maximum: after two reversals 4 h instead of 1 h. */
export function scaleDownMemoryMs(actions: readonly Action[], settings: PolicySettings, nowMs: number): number {
  const reversals = countReversals(sinceTtl(actions, settings, nowMs));
  return Math.min(settings.scaleDownMemoryMs * 2 ** reversals, settings.scaleDownMemoryMaxMs);
}

/** k: scale-ups within 1 h after a scale-down that shares an operator. */
export function countReversals(actions: readonly Action[]): number {
  const downs = actions.filter((action) => action.resolver === 'scale_down' && mayHaveWorked(action));
  return actions.filter((up) => {
    if (up.resolver !== 'scale_up' || !mayHaveWorked(up)) return false;
    return downs.some(
      (down) =>
        isSoonAfter(up.claimedAtMs, down) &&
        down.operators.some(({ operator }) => operatorIn(up, operator) !== undefined),
    );
  }).length;
}

function isSoonAfter(atMs: number, { claimedAtMs }: Action): boolean {
  return atMs > claimedAtMs && atMs <= claimedAtMs + HOUR_MS;
}

/**
 * The parallelism that the last scale-up was granted, by operator, until more is seen: 12 asked for and 5 seen ⇒ 5; not
 * applied ⇒ the parallelism before it.
 * @param actions of one topology, in any order and state
 */
export function grantedLimitsOf(
  actions: readonly Action[],
  settings: PolicySettings,
  nowMs: number,
): ReadonlyMap<string, number> {
  return new Map([...grantsInForce(actions, settings, nowMs)].map(([operator, { limit }]) => [operator, limit]));
}

/** Ids of the actions that set these limits. */
export function limitingActions(actions: readonly Action[], settings: PolicySettings, nowMs: number): Set<string> {
  return new Set([...grantsInForce(actions, settings, nowMs).values()].map(({ id }) => id));
}

function grantsInForce(
  actions: readonly Action[],
  settings: PolicySettings,
  nowMs: number,
): ReadonlyMap<string, { readonly limit: number; readonly id: string }> {
  const limits = new Map<string, { readonly limit: number; readonly id: string }>();
  const ups = sinceTtl(actions, settings, nowMs)
    .filter(({ resolver }) => resolver === 'scale_up')
    .sort((left, right) => left.claimedAtMs - right.claimedAtMs);
  for (const { id, operators, outcome, settling } of ups) {
    for (const { operator, currentParallelism, desiredParallelism } of operators) {
      const granted = outcome === 'not_applied' ? currentParallelism : grantedIn(settling, operator);
      const seen = settling.firstSeenAtMs === null ? undefined : desiredParallelism;
      const limit = limits.get(operator)?.limit;
      if (granted !== undefined) limits.set(operator, { limit: granted, id });
      else if (limit !== undefined && seen !== undefined && seen > limit) limits.delete(operator);
    }
  }
  return limits;
}

function grantedIn({ granted }: Action['settling'], operator: string): number | undefined {
  // An operator may bear the name of an inherited property, such as `constructor`.
  return granted !== null && Object.hasOwn(granted, operator) ? granted[operator] : undefined;
}

/** Whether the resolver is of no use to the operator: it was `ineffective` once, or was tried twice, whatever the outcomes. */
export function wasIneffective(
  actions: readonly Action[],
  operator: string,
  resolver: Action['resolver'],
  sinceMs: number,
): boolean {
  const tried = actions.filter(
    (action) =>
      action.resolver === resolver &&
      (action.judgedAtMs ?? -Infinity) >= sinceMs &&
      isCounted(action) &&
      isAbout(action, operator),
  );
  return tried.length >= 2 || tried.some(({ outcome }) => outcome === 'ineffective');
}

/** An ineffective action is about the operators to blame only. */
function isAbout(action: Action, operator: string): boolean {
  const isBlamed = action.outcome !== 'ineffective' || (action.blamed?.includes(operator) ?? true);
  return operatorIn(action, operator) !== undefined && isBlamed;
}

function isCounted({ outcome }: Action): boolean {
  return outcome === 'resolved' || outcome === 'improved' || outcome === 'ineffective';
}

function sinceTtl(actions: readonly Action[], { blacklistTtlMs }: PolicySettings, nowMs: number): Action[] {
  const distinct = new Map(actions.map((action) => [action.id, action]));
  return [...distinct.values()].filter(
    ({ claimedAtMs, dryRun }) => !dryRun && (blacklistTtlMs === 0 || claimedAtMs > nowMs - blacklistTtlMs),
  );
}

/** By operator, the value from the newest action that yields one. */
function newestOf(
  actions: readonly Action[],
  valueOf: (operator: ActionOperator, action: Action) => number | null,
): ReadonlyMap<string, number> {
  const oldestFirst = [...actions].sort((left, right) => left.claimedAtMs - right.claimedAtMs);
  return new Map(
    oldestFirst.flatMap((action) =>
      action.operators.flatMap((operator): [string, number][] => {
        const value = valueOf(operator, action);
        return value === null ? [] : [[operator.operator, value]];
      }),
    ),
  );
}

function fullBusyThen({ reason }: ActionOperator): number | null {
  return reason.fullBusy === null || reason.fullBusy >= 1 ? null : reason.fullBusy;
}

/**
 * r / (p × û) of an operator that was scaled up: 300 records/s on 2 full instances ⇒ 150. The rate of the busiest instance of one that was
 * rebalanced: a hot key filled it.
 */
function capacityThen({ reason, currentParallelism }: ActionOperator, { resolver }: Action): number | null {
  const { suspendedRatio, processingRate, busiestRate, effectiveBusy } = reason;
  if ((suspendedRatio ?? 0) <= 0) return null;
  if (resolver === 'rebalance') return busiestRate;
  if (resolver !== 'scale_up' || processingRate === null || effectiveBusy === null) return null;
  return processingRate <= 0 || effectiveBusy <= 0 ? null : processingRate / (currentParallelism * effectiveBusy);
}

/**
 * Operators that were too small within an hour after a scale-down, or at any time after it with about the same capacity as before it: 80 and
 * 75 records/s on each instance. Any other capacity may be that of a slow instance, which holds up all others.
 */
function provenCapacities(actions: readonly Action[]): ReadonlySet<string> {
  const names = new Set(actions.flatMap(({ operators }) => operators.map(({ operator }) => operator)));
  return new Set([...names].filter((name) => isProven(name, actions)));
}

function isProven(name: string, actions: readonly Action[]): boolean {
  const seen = actions.flatMap((action) => {
    const own = operatorIn(action, name);
    const capacity = own?.diagnosis === 'underprovisioning' ? capacityThen(own, action) : null;
    return capacity === null || !mayHaveWorked(action) ? [] : [{ atMs: action.claimedAtMs, capacity }];
  });
  const [newest, ...earlier] = seen.sort((left, right) => right.atMs - left.atMs);
  if (newest === undefined) return false;
  const downs = actions.filter(
    (action) => action.resolver === 'scale_down' && mayHaveWorked(action) && operatorIn(action, name) !== undefined,
  );
  if (downs.some((down) => isSoonAfter(newest.atMs, down))) return true;
  return earlier.some(
    ({ atMs, capacity }) =>
      Math.max(capacity, newest.capacity) <= SAME_CAPACITY * Math.min(capacity, newest.capacity) &&
      downs.some(({ claimedAtMs }) => claimedAtMs > atMs && claimedAtMs < newest.atMs),
  );
}

function scaledDownFrom(actions: readonly Action[], nowMs: number): ReadonlyMap<string, number> {
  const downs = actions.filter(
    (action) =>
      action.resolver === 'scale_down' &&
      action.revertedBy === null &&
      action.claimedAtMs > nowMs - HOUR_MS &&
      mayHaveWorked(action),
  );
  return newestOf(downs, ({ currentParallelism }) => currentParallelism);
}

function floorsOf(blacklist: readonly BlacklistCandidate[]): ReadonlyMap<string, ScaleDownFloor> {
  const harmful = blacklist.filter(({ resolver }) => resolver === 'scale_down');
  return new Map(harmful.map(({ operator, harmfulRatePerInstance }) => [operator, { harmfulRatePerInstance }]));
}

/** Now, while an action's effect is awaited; else when the effect of the last action, or of somebody else's change, was seen. */
function changedAtMs({ actions, rescaledAtMs }: Past, nowMs: number): number | null {
  const seen = actions
    .filter(({ dryRun }) => !dryRun)
    .map(({ state, settling: { seenAtMs } }) => seenAtMs ?? (state === 'completed' ? nowMs : null));
  const known = [...seen, rescaledAtMs].filter((atMs) => atMs !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Whether the topology may run with the parallelism that the action asked for. */
function mayHaveWorked({ outcome }: Action): boolean {
  return outcome !== 'failed' && outcome !== 'not_applied' && outcome !== 'cancelled' && outcome !== 'superseded';
}
