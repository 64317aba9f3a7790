// Judges an action by what was seen after it: waits until its effect can be seen for a full window, then compares.
import { NORMAL_BACKLOG_SECONDS } from '../detectors/growing-source-backlog-detector.js';
import type { Action, ActionOperator, Settling } from '../model/action.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import type { Outcome } from '../model/outcome.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { changesParallelism } from '../model/resolver.js';
import { not, or, type Truth } from '../model/truth.js';

export type Judgement =
  { readonly kind: 'waiting'; readonly settling: Settling } | { readonly kind: 'judged'; readonly outcome: Outcome };

export interface JudgingInput {
  /** In state `completed`. */
  readonly action: Action;
  /** A fresh look; null: the topology could not be looked at. */
  readonly evaluation: TopologyEvaluation | null;
  readonly settings: PolicySettings;
  readonly windowMs: number;
  /** When the look was begun, where there is one: its window ends there. */
  readonly nowMs: number;
}

/** Catching up after the engine's restart looks like harm for a while after the backlog is gone: Flink's rates are 60 s meters. */
const AFTER_BACKLOG_MS = 60_000;
/** A backlog up to this many times its size at the call is as it was. */
const NORMAL_BACKLOG_FACTOR = 1.2;

export function judgeAction(input: JudgingInput): Judgement {
  const { action, evaluation, settings, nowMs } = input;
  const completedAtMs = action.completedAtMs ?? action.claimedAtMs;
  const sight = sightOf(action, evaluation);
  const displaced = judgeDisplacement(input, sight, completedAtMs);
  if (displaced !== null) return { kind: 'judged', outcome: displaced };

  const settling = settle(input, sight, completedAtMs);
  const isReporting = sight?.isReporting ?? false;
  const isFull = settling.seenAtMs !== null && nowMs >= settling.seenAtMs + input.windowMs;
  const isOverdue = nowMs >= overdueAtMs(action, settings);
  const startMs = judgingStartMs(settling, input.windowMs);
  const isDue = startMs !== null && nowMs >= startMs + input.windowMs;
  if (sight !== null && evaluation !== null && isReporting && (isDue || (isOverdue && isFull))) {
    const outcome = compare(action, sight.operators, evaluation, settings);
    if (outcome !== 'unknown') return { kind: 'judged', outcome };
  }
  // Late data is still waited for while it fills its window: a few seconds of it would judge the catching up.
  const isFilling = isReporting && settling.seenAtMs !== null && !isFull;
  if (!isOverdue || isFilling) return { kind: 'waiting', settling };
  return { kind: 'judged', outcome: action.failure === null ? 'unknown' : 'failed' };
}

interface Sight {
  readonly operators: readonly SeenOperator[];
  /** Every sensor of every operator of the topology reports, but for those that did not at the call either. */
  readonly isReporting: boolean;
}

interface SeenOperator {
  readonly asked: ActionOperator;
  readonly operator: OperatorEvaluation;
  /** null: unknown. */
  readonly parallelism: number | null;
}

function sightOf(action: Action, evaluation: TopologyEvaluation | null): Sight | null {
  const operators = action.operators.flatMap((asked) => seenOperator(asked, evaluation) ?? []);
  if (evaluation === null || operators.length < action.operators.length) return null;
  const isReporting = evaluation.operators.every(
    ({ measurement, missingSensors }) =>
      measurement.parallelism !== null &&
      measurement.incompleteBecause === null &&
      missingSensors.every((sensor) => action.reason.missingSensors.includes(`${measurement.spec.name}/${sensor}`)),
  );
  return { operators, isReporting };
}

function seenOperator(asked: ActionOperator, evaluation: TopologyEvaluation | null): SeenOperator | null {
  const operator = evaluation?.operators.find(({ measurement }) => measurement.spec.name === asked.operator);
  if (operator === undefined) return null;
  const { parallelism, incompleteBecause } = operator.measurement;
  return { asked, operator, parallelism: incompleteBecause === null ? parallelism : null };
}

/** Whether all operators have what was asked for. */
function isApplied({ operators }: Sight): boolean {
  return operators.every(({ asked, parallelism }) => parallelism === asked.desiredParallelism);
}

/** `not_applied` or `superseded` where the parallelism is not what was asked for; null: it is, or may yet become so. */
function judgeDisplacement(input: JudgingInput, sight: Sight | null, completedAtMs: number): Outcome | null {
  const { action, settings, nowMs } = input;
  if (sight === null || sight.operators.some(({ parallelism }) => parallelism === null) || isApplied(sight))
    return null;
  const { seenAtMs, firstSeenAtMs } = action.settling;
  if (seenAtMs === null && nowMs < completedAtMs + settings.settlingTimeMs) return null;
  // Once ours was seen, it was applied: if the old one is back, also after a gap, another hand has put it back.
  const isAsBefore = sight.operators.every(({ asked, parallelism }) => parallelism === asked.currentParallelism);
  return isAsBefore && firstSeenAtMs === null ? 'not_applied' : 'superseded';
}

function settle(
  { action, evaluation, settings, windowMs, nowMs }: JudgingInput,
  sight: Sight | null,
  completedAtMs: number,
): Settling {
  const before = action.settling;
  if (sight === null || evaluation === null || !sight.isReporting) {
    // A window with a hole in it is no full window: begin again when everything reports.
    return { ...before, gapSeenAtMs: before.gapSeenAtMs ?? nowMs, seenAtMs: null, backlogNormalAtMs: null };
  }
  const seenAtMs = before.seenAtMs ?? firstSeen(action, settings, sight, completedAtMs, nowMs);
  if (seenAtMs === null) return before;
  return {
    ...before,
    seenAtMs,
    firstSeenAtMs: before.firstSeenAtMs ?? seenAtMs,
    backlogNormalAtMs: backlogNormalSince(),
  };

  function backlogNormalSince(): number | null {
    if (evaluation === null || seenAtMs === null) return null;
    if (isBacklogNormal(action, evaluation)) return before.backlogNormalAtMs ?? nowMs;
    // It is being worked off, perhaps once more: whatever was normal before is not what is judged.
    if (evaluation.isDraining !== 'no') return null;
    // A backlog that is not being worked off will not be normal again: nothing to wait for.
    return before.backlogNormalAtMs ?? (nowMs >= seenAtMs + windowMs ? seenAtMs : null);
  }
}

/** When the action's effect can be said to have begun; null: not yet. */
function firstSeen(
  action: Action,
  settings: PolicySettings,
  sight: Sight,
  completedAtMs: number,
  nowMs: number,
): number | null {
  if (changesParallelism(action.resolver)) return isApplied(sight) ? nowMs : null;
  // A restart shows as a gap; one too short to be seen is over at the latest when the settling time is.
  if (action.settling.gapSeenAtMs !== null) return nowMs;
  return nowMs >= completedAtMs + settings.settlingTimeMs ? nowMs : null;
}

/** When the judging window starts; null: not yet known. */
export function judgingStartMs({ seenAtMs, backlogNormalAtMs }: Settling, windowMs: number): number | null {
  if (seenAtMs === null || backlogNormalAtMs === null) return null;
  if (backlogNormalAtMs === seenAtMs) return seenAtMs;
  return backlogNormalAtMs + afterBacklogMs(windowMs);
}

/** How long after a backlog is gone the judging window starts. */
export function afterBacklogMs(windowMs: number): number {
  return Math.min(AFTER_BACKLOG_MS, windowMs);
}

/** From when on it is judged by what is seen, or given up, whatever it still waits for. */
export function overdueAtMs(action: Action, settings: PolicySettings): number {
  return (action.completedAtMs ?? action.claimedAtMs) + Math.max(3 * settings.settlingTimeMs, settings.catchUpMs);
}

function isBacklogNormal(action: Action, evaluation: TopologyEvaluation): boolean {
  const sources = evaluation.operators
    .map(({ measurement }) => measurement)
    .filter(({ sourceBacklog }) => sourceBacklog.kind === 'measured');
  const backlog = sources.reduce(
    (sum, { sourceBacklog }) => sum + (sourceBacklog.kind === 'measured' ? sourceBacklog.total : 0),
    0,
  );
  const rate = sources.reduce(
    (sum, { processingRate }) => sum + (processingRate.kind === 'measured' ? processingRate.total : 0),
    0,
  );
  return backlog <= Math.max(NORMAL_BACKLOG_FACTOR * (action.reason.sourceBacklog ?? 0), NORMAL_BACKLOG_SECONDS * rate);
}

function compare(
  action: Action,
  operators: readonly SeenOperator[],
  evaluation: TopologyEvaluation,
  settings: PolicySettings,
): Outcome {
  if (action.resolver === 'scale_down') return outcomeOf(not(hasHarm(evaluation)), 'resolved', 'harmful');
  if (action.resolver === 'revert') return 'resolved';
  const isGone = not(
    or(...operators.flatMap(({ operator: { symptoms } }) => [symptoms.backpressure, symptoms.growing_source_backlog])),
  );
  const isBetter = operators.some((seen) => hasImproved(seen, settings));
  return outcomeOf(isGone, 'resolved', isBetter ? 'improved' : 'ineffective');
}

function outcomeOf(isGood: Truth, good: Outcome, bad: Outcome): Outcome {
  if (isGood === 'unknown') return 'unknown';
  return isGood === 'yes' ? good : bad;
}

/** Whether a smaller operator is too small: pressure anywhere in the topology, or a source that falls behind. */
function hasHarm(evaluation: TopologyEvaluation): Truth {
  return or(evaluation.backpressure, ...evaluation.operators.map(({ symptoms }) => symptoms.growing_source_backlog));
}

/**
 * b / (1 − b) fell, or the rate rose, by at least `min_improvement` of what it was (b alone saturates near 1: from 0.9 to
 * 0.8 is a fall of 11 % in b, of 56 % in b / (1 − b)).
 */
function hasImproved(
  { asked: { reason }, operator: { suspendedRatio, measurement } }: SeenOperator,
  settings: PolicySettings,
): boolean {
  const rate = measurement.processingRate.kind === 'measured' ? measurement.processingRate.total : null;
  const oddsFell =
    reason.suspendedRatio !== null &&
    suspendedRatio !== null &&
    odds(reason.suspendedRatio) - odds(suspendedRatio) >= settings.minImprovement * odds(reason.suspendedRatio);
  const rateRose =
    reason.processingRate !== null &&
    rate !== null &&
    rate - reason.processingRate >= settings.minImprovement * reason.processingRate;
  return oddsFell || (rateRose && rate > 0);
}

function odds(ratio: number): number {
  return ratio / (1 - ratio);
}
