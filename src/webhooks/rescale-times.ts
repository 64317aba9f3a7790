// PURE: how long Flink's adaptive scheduler (2.0 or newer) can delay a rescale after a change of the resource requirements. Sources:
// Flink's AdaptiveScheduler (Settings.of), JobManagerOptions and DefaultStateTransitionManager. After a change, the scheduler first waits
// for the end of the cooldown after the last rescale. Then it waits for stable resources. It rescales at the next completed checkpoint,
// after a number of failed checkpoints, or after a maximum delay; all three count from the change (FLIP-461). Flink 1.20 has none of
// these options and rescales at once.
import { parseFlinkDuration } from './flink-duration.js';
import type { EngineWait } from './webhook-type.js';

export interface RescaleTimes {
  readonly cooldownMs: number;
  readonly stabilizationMs: number;
  /** For a checkpoint; 0 without checkpoints. */
  readonly maxDelayMs: number;
}

const OPTION = 'jobmanager.adaptive-scheduler.';
const COOLDOWN = `${OPTION}executing.cooldown-after-rescaling`;
/** The name in 1.x. */
const FORMER_COOLDOWN = `${OPTION}scaling-interval.min`;
const STABILIZATION = `${OPTION}executing.resource-stabilization-timeout`;
const MAX_DELAY = `${OPTION}rescale-trigger.max-delay`;
const MAX_FAILURES = `${OPTION}rescale-trigger.max-checkpoint-failures`;
export const CHECKPOINT_INTERVAL = 'execution.checkpointing.interval';

const DEFAULT_COOLDOWN_MS = 30_000;
const DEFAULT_STABILIZATION_MS = 60_000;
const DEFAULT_FAILURES = 2;
/** Flink reports the largest long if there are no periodic checkpoints; JSON numbers only approximate it. */
const NO_CHECKPOINTS_MS = 2 ** 63;

/** A change with a cooldown of 30 s, a stabilization of 60 s and a maximum delay of 180 s takes effect within 180 s. */
export function rescaleWaitOf({ cooldownMs, stabilizationMs, maxDelayMs }: RescaleTimes): EngineWait {
  return {
    longestMs: Math.max(cooldownMs, stabilizationMs, maxDelayMs),
    words: maxDelayMs > 0 ? 'waiting for a checkpoint' : 'waiting for Flink to rescale',
  };
}

/**
 * From configured options and Flink's defaults: the maximum delay is (2 + 1) checkpoint intervals, 0 without checkpoints.
 * @param optionOf undefined: not set
 * @param checkpointIntervalMs null: not known
 * @returns null: not known
 */
export function rescaleTimesOf(
  optionOf: (key: string) => string | undefined,
  checkpointIntervalMs: number | null,
): RescaleTimes | null {
  const durationOf = (key: string): number | null | undefined => {
    const set = optionOf(key);
    return set === undefined ? undefined : parseFlinkDuration(set);
  };
  const [cooldown, former] = [durationOf(COOLDOWN), durationOf(FORMER_COOLDOWN)];
  const cooldownMs = cooldown === undefined ? (former === undefined ? DEFAULT_COOLDOWN_MS : former) : cooldown;
  const stabilization = durationOf(STABILIZATION);
  const stabilizationMs = stabilization === undefined ? DEFAULT_STABILIZATION_MS : stabilization;
  const maxDelay = durationOf(MAX_DELAY);
  const maxDelayMs = maxDelay === undefined ? defaultDelay(optionOf(MAX_FAILURES), checkpointIntervalMs) : maxDelay;
  if (cooldownMs === null || stabilizationMs === null || maxDelayMs === null) return null;
  return { cooldownMs, stabilizationMs, maxDelayMs };
}

function defaultDelay(failures: string | undefined, checkpointIntervalMs: number | null): number | null {
  const count = failures === undefined ? DEFAULT_FAILURES : Number(/^\s*(\d{1,9})\s*$/.exec(failures)?.[1] ?? NaN);
  if (checkpointIntervalMs === null || Number.isNaN(count)) return null;
  const isPeriodic = checkpointIntervalMs > 0 && checkpointIntervalMs < NO_CHECKPOINTS_MS;
  return isPeriodic ? checkpointIntervalMs * (count + 1) : 0;
}
