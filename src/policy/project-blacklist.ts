// The blacklist as a projection of the action log: which diagnosis–resolver pairs of an operator did harm or no good
// lately, and whether what happened then says anything about the load now.
import type { Action } from '../model/action.js';
import type { BlacklistEntry, BlacklistKey, BlacklistRemoval } from '../model/blacklist.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { RESOLVERS, type ResolverName } from '../model/resolver.js';

/** An entry, and the load under which its pair failed; null: not known, so that the entry stays in force. */
export interface BlacklistCandidate extends Omit<BlacklistEntry, 'state'> {
  /** scale_down: the smallest records/s per instance that did harm. */
  readonly harmfulRatePerInstance: number | null;
  /** Other resolvers: the largest offered load, records/s, at which it was ineffective. */
  readonly failedOfferedRate: number | null;
}

/**
 * Entries by the paper's rule: a scale_down that did harm, at once; any other resolver when its share of `ineffective`
 * among at least `blacklist_min_attempts` outcomes exceeds `blacklist_failure_ratio`. Both within `blacklist_ttl`.
 * @param actions judged, with outcomes that count, of one or more topologies, in any order
 */
export function projectBlacklist(
  actions: readonly Action[],
  removals: readonly BlacklistRemoval[],
  settingsOf: (topology: string) => PolicySettings | null,
  nowMs: number,
): readonly BlacklistCandidate[] {
  return [...groupByPair(actions).values()].flatMap((ofPair) => {
    const [first] = ofPair;
    const settings = first === undefined ? null : settingsOf(first.topology);
    if (first === undefined || settings === null) return [];
    const sinceMs = Math.max(ttlStart(settings, nowMs), ...removalsOf(first, removals));
    const counted = ofPair.filter(({ judgedAtMs }) => judgedAtMs !== null && judgedAtMs > sinceMs);
    return entryOf(counted, settings) ?? [];
  });
}

/** What an alert's action would meet now. */
export interface LoadNow {
  /** Records/s of the whole operator; null: unknown. */
  readonly processingRate: number | null;
  /** What would be asked for; null: nothing. */
  readonly desiredParallelism: number | null;
  /** Records/s offered to the topology; null: unknown. */
  readonly offeredRate: number | null;
}

/**
 * Whether the entry holds its pair back under this load. scale_down: while r / p' > (1 − margin) × the rate per instance
 * that did harm (900 records/s on 3 instances did; with margin 0.2, 700 on 3 is let through, 750 on 3 is not). Others:
 * unless the offered load exceeds (1 + margin) × what it was.
 */
export function isInForce(entry: BlacklistCandidate, load: LoadNow, margin: number): boolean {
  if (entry.resolver === 'scale_down') {
    const { processingRate, desiredParallelism } = load;
    if (entry.harmfulRatePerInstance === null || processingRate === null || desiredParallelism === null) return true;
    return processingRate / desiredParallelism > (1 - margin) * entry.harmfulRatePerInstance;
  }
  if (entry.failedOfferedRate === null || load.offeredRate === null) return true;
  return load.offeredRate <= (1 + margin) * entry.failedOfferedRate;
}

export function isSamePair(left: BlacklistKey, right: Pair): boolean {
  return pairKey(left) === pairKey(right);
}

function entryOf(counted: readonly Action[], settings: PolicySettings): BlacklistCandidate | null {
  const failures = counted.filter(({ outcome }) => outcome === 'harmful' || outcome === 'ineffective');
  const newest = failures.reduce<Action | null>((found, one) => (judgedAt(one) > judgedAt(found) ? one : found), null);
  if (newest === null || !isResolver(newest.resolver)) return null;
  const isHarmful = failures.some(({ outcome }) => outcome === 'harmful');
  const isUseless =
    counted.length >= settings.blacklistMinAttempts &&
    failures.length / counted.length > settings.blacklistFailureRatio;
  if (!isHarmful && !isUseless) return null;
  const { id, topology, operator, diagnosis, resolver } = newest;
  return {
    id,
    topology,
    operator,
    diagnosis,
    resolver,
    cause: isHarmful ? 'harmful' : 'ineffective',
    sinceMs: judgedAt(newest),
    expiresAtMs: settings.blacklistTtlMs === 0 ? null : judgedAt(newest) + settings.blacklistTtlMs,
    harmfulRatePerInstance: smallest(failures.map(ratePerInstance)),
    failedOfferedRate: largest(failures.map(({ reason }) => reason.offeredRate)),
  };
}

/** Records/s before the action, on each of the instances that were left. */
function ratePerInstance({ reason, desiredParallelism }: Action): number | null {
  return reason.processingRate === null ? null : reason.processingRate / desiredParallelism;
}

function smallest(values: readonly (number | null)[]): number | null {
  return values.includes(null) ? null : Math.min(...values.map((value) => value ?? 0));
}

function largest(values: readonly (number | null)[]): number | null {
  return values.includes(null) ? null : Math.max(...values.map((value) => value ?? 0));
}

function groupByPair(actions: readonly Action[]): ReadonlyMap<string, readonly Action[]> {
  const groups = new Map<string, Action[]>();
  for (const action of actions) groups.set(pairKey(action), [...(groups.get(pairKey(action)) ?? []), action]);
  return groups;
}

type Pair = Pick<Action, 'topology' | 'operator' | 'diagnosis' | 'resolver'>;

function pairKey(pair: Pair): string {
  return JSON.stringify([pair.topology, pair.operator, pair.diagnosis, pair.resolver]);
}

function removalsOf(action: Action, removals: readonly BlacklistRemoval[]): readonly number[] {
  return removals.filter((removal) => pairKey(removal) === pairKey(action)).map(({ atMs }) => atMs);
}

/** Judgements at or before this do not count. */
function ttlStart({ blacklistTtlMs }: PolicySettings, nowMs: number): number {
  return blacklistTtlMs === 0 ? -Infinity : nowMs - blacklistTtlMs;
}

function judgedAt(action: Action | null): number {
  return action?.judgedAtMs ?? -Infinity;
}

/** A revert is never blacklisted: it is the undoing. */
function isResolver(name: string): name is ResolverName {
  return (RESOLVERS as readonly string[]).includes(name);
}
