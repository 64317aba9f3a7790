// The blacklist as a projection of the action log: which diagnosis–resolver pairs of an operator recently did harm or no
// good, and whether that says anything about the present load.
import { isBlamed, type Action, type ActionOperator } from '../model/action.js';
import type { BlacklistEntry, BlacklistKey, BlacklistRemoval } from '../model/blacklist.js';
import { COUNTED_OUTCOMES } from '../model/outcome.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { RESOLVERS, type ResolverName } from '../model/resolver.js';

/** An entry, and the load under which its pair failed; a null load is unknown, and the entry stays in force. */
export interface BlacklistCandidate extends Omit<BlacklistEntry, 'state' | 'floor'> {
  /** Index of the operator in the action, from 0: one action may put several on the blacklist. */
  readonly place: number;
  /** scale_down: the smallest rate per instance that did harm, records/s. */
  readonly harmfulRatePerInstance: number | null;
  /** Other resolvers: the largest offered load at which it was ineffective, records/s. */
  readonly failedOfferedRate: number | null;
}

/**
 * Entries by the paper's rule: a harmful scale_down, at once; any other resolver when its share of `ineffective` among at
 * least `blacklist_min_attempts` outcomes exceeds `blacklist_failure_ratio`. Both within `blacklist_ttl`.
 * @param actions judged, of one or more topologies, in any order
 */
export function projectBlacklist(
  actions: readonly Action[],
  removals: readonly BlacklistRemoval[],
  settingsOf: (topology: string) => PolicySettings | null,
  nowMs: number,
): readonly BlacklistCandidate[] {
  const counted = actions.filter(isCounted);
  return [...groupByPair(counted.flatMap(attemptsOf)).values()].flatMap((ofPair) => {
    const [first] = ofPair;
    const settings = first === undefined ? null : settingsOf(first.topology);
    if (first === undefined || settings === null) return [];
    const sinceMs = Math.max(ttlStart(settings, nowMs), ...removalsOf(first, removals));
    const within = ofPair.filter(({ action }) => action.judgedAtMs !== null && action.judgedAtMs > sinceMs);
    return entryOf(within, settings) ?? [];
  });
}

/** The present load, against which an entry is checked. */
export interface LoadNow {
  /** Records/s of the whole operator; null: unknown. */
  readonly processingRate: number | null;
  /** The parallelism that would be asked for; null: none. */
  readonly desiredParallelism: number | null;
  /** Records/s offered to the topology; null: unknown. */
  readonly offeredRate: number | null;
}

/**
 * Whether the entry holds its pair back under this load. scale_down: while r / p' > (1 − margin) × the rate per instance that
 * did harm (harm at 900 records/s on 3 instances; with margin 0.2, 700 on 3 is let through, 750 on 3 is not). Others: unless
 * the offered load exceeds (1 + margin) × its value then.
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

/** Whether the entry of this pair may rest on the action. */
export function isAboutPair(pair: BlacklistKey, action: Action): boolean {
  return isCounted(action) && attemptsOf(action).some((attempt) => isSamePair(pair, attempt));
}

/** An action as seen from one of its operators: each operator has its own history. */
interface Attempt extends Pair {
  readonly action: Action;
  readonly asked: ActionOperator;
}

/** A negative outcome is an attempt only of the operators to blame: it shows nothing about the others. */
function attemptsOf(action: Action): readonly Attempt[] {
  const { topology, resolver, outcome } = action;
  const counted = isFailure(outcome) ? action.operators.filter((asked) => isBlamed(action, asked)) : action.operators;
  return counted.map((asked) => {
    return { topology, operator: asked.operator, diagnosis: asked.diagnosis, resolver, action, asked };
  });
}

function isCounted({ outcome }: Action): boolean {
  return outcome !== null && COUNTED_OUTCOMES.includes(outcome);
}

function isFailure(outcome: Action['outcome']): boolean {
  return outcome === 'harmful' || outcome === 'ineffective';
}

function entryOf(counted: readonly Attempt[], settings: PolicySettings): BlacklistCandidate | null {
  const failures = counted.filter(({ action }) => isFailure(action.outcome));
  const newest = failures.reduce<Attempt | null>((found, one) => (judgedAt(one) > judgedAt(found) ? one : found), null);
  if (newest === null || !isResolver(newest.resolver)) return null;
  const isHarmful = failures.some(({ action }) => action.outcome === 'harmful');
  const isUseless =
    counted.length >= settings.blacklistMinAttempts &&
    failures.length / counted.length > settings.blacklistFailureRatio;
  if (!isHarmful && !isUseless) return null;
  const { topology, operator, diagnosis, resolver } = newest;
  return {
    id: newest.action.id,
    place: newest.action.operators.indexOf(newest.asked),
    topology,
    operator,
    diagnosis,
    resolver,
    cause: isHarmful ? 'harmful' : 'ineffective',
    sinceMs: judgedAt(newest),
    expiresAtMs: settings.blacklistTtlMs === 0 ? null : judgedAt(newest) + settings.blacklistTtlMs,
    harmfulRatePerInstance: smallest(failures.map(ratePerInstance)),
    failedOfferedRate: largest(failures.map(({ action }) => action.reason.offeredRate)),
  };
}

/** Records/s before the action, on each of the remaining instances. */
function ratePerInstance({ asked: { reason, desiredParallelism } }: Attempt): number | null {
  return reason.processingRate === null ? null : reason.processingRate / desiredParallelism;
}

function smallest(values: readonly (number | null)[]): number | null {
  return values.includes(null) ? null : Math.min(...values.map((value) => value ?? 0));
}

function largest(values: readonly (number | null)[]): number | null {
  return values.includes(null) ? null : Math.max(...values.map((value) => value ?? 0));
}

function groupByPair(attempts: readonly Attempt[]): ReadonlyMap<string, readonly Attempt[]> {
  const groups = new Map<string, Attempt[]>();
  for (const attempt of attempts) groups.set(pairKey(attempt), [...(groups.get(pairKey(attempt)) ?? []), attempt]);
  return groups;
}

type Pair = Pick<Action, 'topology' | 'resolver'> & Pick<ActionOperator, 'operator' | 'diagnosis'>;

function pairKey(pair: Pair): string {
  return JSON.stringify([pair.topology, pair.operator, pair.diagnosis, pair.resolver]);
}

function removalsOf(pair: Pair, removals: readonly BlacklistRemoval[]): readonly number[] {
  return removals.filter((removal) => pairKey(removal) === pairKey(pair)).map(({ atMs }) => atMs);
}

/** Judgements at or before this time do not count. */
function ttlStart({ blacklistTtlMs }: PolicySettings, nowMs: number): number {
  return blacklistTtlMs === 0 ? -Infinity : nowMs - blacklistTtlMs;
}

function judgedAt(attempt: Attempt | null): number {
  return attempt?.action.judgedAtMs ?? -Infinity;
}

/** A revert is never blacklisted: it undoes harm. */
function isResolver(name: string): name is ResolverName {
  return (RESOLVERS as readonly string[]).includes(name);
}
