// Judges an action by what was seen after it: waits until its effect has been visible for a full window, then compares.
import type { Action, Settling } from '../model/action.js';
import type { Outcome } from '../model/outcome.js';
import { compareOutcome } from './compare-outcome.js';
import { settledByMs } from './engine-wait.js';
import {
  isApplied,
  judgingStartMs,
  overdueAtMs,
  settle,
  observeEffect,
  type JudgingInput,
  type EffectObservation,
} from './settle-action.js';

export type Judgement =
  | { readonly kind: 'waiting'; readonly settling: Settling }
  | { readonly kind: 'judged'; readonly outcome: Outcome; readonly blamed: Action['blamed'] };

export function judgeAction(input: JudgingInput): Judgement {
  const { action, evaluation, settings, nowMs, windowMs } = input;
  const observed = observeEffect(action, evaluation);
  const settling = settle(input, observed);
  const settled = { ...action, settling };
  const displaced = judgeDisplacement(input, settled, observed);
  if (displaced !== null) return judged(displaced);

  const isReporting = observed?.isReporting ?? false;
  const isFull = settling.seenAtMs !== null && nowMs >= settling.seenAtMs + windowMs;
  const isOverdue = nowMs >= overdueAtMs(settled, settings);
  const startMs = judgingStartMs(settled, windowMs);
  const isDue = startMs !== null && nowMs >= startMs + windowMs;
  if (evaluation !== null && isReporting && (isDue || (isOverdue && isFull))) {
    const { outcome, blamed } = compareOutcome(action, evaluation, settings, isOverdue);
    if (outcome !== 'wait') return { kind: 'judged', outcome, blamed };
  }
  // Late data fills its window before it is judged: a few seconds of it would show only the catching up.
  const isFilling = isReporting && settling.seenAtMs !== null && !isFull;
  if (!isOverdue || isFilling) return { kind: 'waiting', settling };
  return judged(action.failure === null ? 'unknown' : 'failed');
}

function judged(outcome: Outcome): Judgement {
  return { kind: 'judged', outcome, blamed: null };
}

/** `not_applied` or `superseded` if the parallelism is not what was asked for; null: it is, or may yet be. */
function judgeDisplacement(
  { settings, nowMs }: JudgingInput,
  settled: Action,
  observed: EffectObservation | null,
): Outcome | null {
  if (observed === null || observed.parallelism.includes(null) || isApplied(settled, observed)) return null;
  const { seenAtMs, firstSeenAtMs } = settled.settling;
  if (seenAtMs === null && nowMs < settledByMs(settled, settings)) return null;
  // A desired parallelism that was seen was applied: if the old one is back, even after a gap, somebody else put it back.
  const isAsBefore = settled.operators.every(
    (asked, index) => observed.parallelism[index] === asked.currentParallelism,
  );
  return isAsBefore && firstSeenAtMs === null ? 'not_applied' : 'superseded';
}
