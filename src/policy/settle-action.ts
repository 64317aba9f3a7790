// How far an open action has settled: whether its operators have the desired parallelism, since when, and what is still
// awaited.
import { NORMAL_BACKLOG_SECONDS } from '../detectors/growing-source-backlog-detector.js';
import { totalBacklog } from '../detectors/measure-demand.js';
import type { Action, ActionOperator, Settling } from '../model/action.js';
import type { TopologyEvaluation } from '../model/evaluation.js';
import { knownParallelism } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { changesParallelism } from '../model/resolver.js';
import { settledByMs, waitOverMs } from './engine-wait.js';

/** The input of settling and judging. */
export interface JudgingInput {
  /** In state `completed`. */
  readonly action: Action;
  /** A fresh look; null: the look failed. */
  readonly evaluation: TopologyEvaluation | null;
  readonly settings: PolicySettings;
  readonly windowMs: number;
  /** When the look began, if there is one: its window ends there. */
  readonly nowMs: number;
}

/** Flink's rates are means over this long, so they include the time before; until then catching up looks like harm. */
const RATE_MEMORY_MS = 60_000;
/** A backlog of up to this many times its size at the call is normal. */
const NORMAL_BACKLOG_FACTOR = 1.2;

/** What a look shows of the action's operators. */
export interface EffectObservation {
  /** In the order of the action's operators; null: unknown. */
  readonly parallelism: readonly (number | null)[];
  /** Whether every sensor of every operator of the topology reports, except those already missing at the call. */
  readonly isReporting: boolean;
}

/** null: not all of its operators are seen. */
export function observeEffect(action: Action, evaluation: TopologyEvaluation | null): EffectObservation | null {
  if (evaluation === null) return null;
  const operators = new Map(evaluation.operators.map(({ measurement }) => [measurement.spec.name, measurement]));
  const seen = action.operators.flatMap(({ operator }) => operators.get(operator) ?? []);
  if (seen.length < action.operators.length) return null;
  const isReporting = evaluation.operators.every(
    ({ measurement, missingSensors }) =>
      measurement.parallelism !== null &&
      measurement.incompleteBecause === null &&
      missingSensors.every((sensor) => action.reason.missingSensors.includes(`${measurement.spec.name}/${sensor}`)),
  );
  const parallelism = seen.map(knownParallelism);
  return { parallelism, isReporting };
}

/** Whether all operators have the desired parallelism, or the granted one. */
export function isApplied({ operators, settling }: Action, { parallelism }: EffectObservation): boolean {
  return operators.every((asked, index) => parallelism[index] === expectedOf(asked, settling));
}

function expectedOf({ operator, desiredParallelism }: ActionOperator, { granted }: Settling): number {
  // An operator may bear the name of an inherited property, such as `constructor`.
  return granted !== null && Object.hasOwn(granted, operator)
    ? (granted[operator] ?? desiredParallelism)
    : desiredParallelism;
}

/**
 * The parallelism that the engine granted to a scale_up instead of the desired one, after the settling time: 5 for 1 → 12, because
 * slots are short. null: it granted all or nothing, or the parallelism is outside of what was asked for.
 */
export function grantedOf(
  { action, settings, nowMs }: Pick<JudgingInput, 'action' | 'settings' | 'nowMs'>,
  { parallelism }: EffectObservation,
): Readonly<Record<string, number>> | null {
  const { operators, settling, resolver } = action;
  if (resolver !== 'scale_up' || settling.seenAtMs !== null || nowMs < settledByMs(action, settings)) return null;
  const seen = operators.map((asked, index) => ({ asked, found: parallelism[index] ?? null }));
  const isBetween = seen.every(
    ({ asked, found }) => found !== null && found >= asked.currentParallelism && found <= asked.desiredParallelism,
  );
  const isMore = seen.some(({ asked, found }) => (found ?? 0) > asked.currentParallelism);
  const short = seen.filter(({ asked, found }) => found !== asked.desiredParallelism);
  if (!isBetween || !isMore || short.length === 0) return null;
  return Object.fromEntries(short.map(({ asked, found }) => [asked.operator, found ?? asked.currentParallelism]));
}

/** Adds the look to what is remembered of the action. */
export function settle(input: JudgingInput, observed: EffectObservation | null): Settling {
  const { evaluation, nowMs } = input;
  const before = { ...input.action.settling, changeSeenAtMs: changeSeen(input, observed) };
  const action = { ...input.action, settling: before };
  if (observed === null || evaluation === null || !observed.isReporting) return missedAt(nowMs, before);
  const granted = before.granted ?? grantedOf({ ...input, action }, observed);
  const settling = { ...before, missedAtMs: null, granted };
  const seenAtMs = before.seenAtMs ?? firstSeen(input, { ...action, settling }, observed);
  if (seenAtMs === null) return settling;
  const firstSeenAtMs = before.firstSeenAtMs ?? seenAtMs;
  return { ...settling, seenAtMs, firstSeenAtMs, backlogNormalAtMs: backlogNormalSince(input, evaluation, seenAtMs) };
}

/** Seen as before again: it has not changed after all. What is not seen changes nothing. */
function changeSeen({ action, nowMs }: JudgingInput, observed: EffectObservation | null): number | null {
  const { operators, settling } = action;
  if (observed === null) return settling.changeSeenAtMs;
  const isOther = operators.map(({ currentParallelism }, index) => {
    const found = observed.parallelism[index] ?? null;
    return found === null ? null : found !== currentParallelism;
  });
  if (isOther.includes(true)) return settling.changeSeenAtMs ?? nowMs;
  return isOther.includes(null) ? settling.changeSeenAtMs : null;
}

/** One look that finds nothing is no gap. Two in a row leave a hole in the window: it restarts when everything reports. */
function missedAt(nowMs: number, before: Settling): Settling {
  const isGap = before.missedAtMs !== null || before.seenAtMs === null;
  const missedAtMs = before.missedAtMs ?? nowMs;
  if (!isGap) return { ...before, missedAtMs };
  return { ...before, missedAtMs, gapSeenAtMs: before.gapSeenAtMs ?? nowMs, seenAtMs: null, backlogNormalAtMs: null };
}

/** When the action took effect, as far as seen; null: not yet. */
function firstSeen({ settings, nowMs }: JudgingInput, action: Action, observed: EffectObservation): number | null {
  if (changesParallelism(action.resolver)) return isApplied(action, observed) ? nowMs : null;
  // A restart shows as a gap; one too short to be seen is over by the end of the settling time.
  if (action.settling.gapSeenAtMs !== null) return nowMs;
  const completedAtMs = action.completedAtMs ?? action.claimedAtMs;
  return nowMs >= completedAtMs + settings.settlingTimeMs ? nowMs : null;
}

function backlogNormalSince(
  { action, windowMs, nowMs }: JudgingInput,
  evaluation: TopologyEvaluation,
  seenAtMs: number,
): number | null {
  const before = action.settling;
  if (isBacklogNormal(action, evaluation)) return before.backlogNormalAtMs ?? nowMs;
  // The backlog is being worked off, perhaps again: a normal backlog before that does not count.
  if (evaluation.isDraining !== 'no') return null;
  // A backlog that is not being worked off will not become normal: there is nothing to wait for.
  return before.backlogNormalAtMs ?? (nowMs >= seenAtMs + windowMs ? seenAtMs : null);
}

function isBacklogNormal(action: Action, evaluation: TopologyEvaluation): boolean {
  const sources = evaluation.operators
    .map(({ measurement }) => measurement)
    .filter(({ sourceBacklog }) => sourceBacklog.kind === 'measured');
  const rate = sources.reduce(
    (sum, { processingRate }) => sum + (processingRate.kind === 'measured' ? processingRate.total : 0),
    0,
  );
  const backlog = totalBacklog({ operators: sources }) ?? 0;
  return backlog <= Math.max(NORMAL_BACKLOG_FACTOR * (action.reason.sourceBacklog ?? 0), NORMAL_BACKLOG_SECONDS * rate);
}

/**
 * When the judging window starts: a minute after the effect was seen, and for a scale_down at least a minute after the
 * backlog is normal. null: not yet known.
 */
export function judgingStartMs(
  { resolver, settling: { seenAtMs, backlogNormalAtMs } }: Pick<Action, 'resolver' | 'settling'>,
  windowMs: number,
): number | null {
  if (seenAtMs === null) return null;
  if (resolver !== 'scale_down') return seenAtMs + rateMemoryMs(windowMs);
  return backlogNormalAtMs === null ? null : Math.max(seenAtMs, backlogNormalAtMs) + rateMemoryMs(windowMs);
}

/** How long after a change rates still include the time before it; at most a window. */
export function rateMemoryMs(windowMs: number): number {
  return Math.min(RATE_MEMORY_MS, windowMs);
}

/** From this time on the action is judged by what is seen, or given up, whatever it still waits for. */
export function overdueAtMs(action: Action, settings: PolicySettings): number {
  return waitOverMs(action) + Math.max(3 * settings.settlingTimeMs, settings.catchUpMs);
}
