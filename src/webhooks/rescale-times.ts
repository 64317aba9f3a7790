// PURE: how long Flink's adaptive scheduler may run a job as before after its resource requirements were changed, from 2.0 on. Looked up in
// Flink's AdaptiveScheduler (Settings.of), JobManagerOptions and DefaultStateTransitionManager: after a change it is in cooldown until the
// last rescale is long enough ago, then waits for the resources to be stable, and rescales at the next completed checkpoint, or after so
// many failed ones, or after a longest delay, all three counted from the change (FLIP-461). Flink 1.20 has none of these options, and
// rescales at once.
import { parseFlinkDuration } from './flink-duration.js';
import type { EngineWait } from './webhook-type.js';

export interface RescaleTimes {
  readonly cooldownMs: number;
  readonly stabilizationMs: number;
  /** For a checkpoint; 0 where there are none. */
  readonly maxDelayMs: number;
}

const OPTION = 'jobmanager.adaptive-scheduler.';
const COOLDOWN = `${OPTION}executing.cooldown-after-rescaling`;
/** Its name in 1.x. */
const FORMER_COOLDOWN = `${OPTION}scaling-interval.min`;
const STABILIZATION = `${OPTION}executing.resource-stabilization-timeout`;
const MAX_DELAY = `${OPTION}rescale-trigger.max-delay`;
const MAX_FAILURES = `${OPTION}rescale-trigger.max-checkpoint-failures`;
export const CHECKPOINT_INTERVAL = 'execution.checkpointing.interval';

const DEFAULT_COOLDOWN_MS = 30_000;
const DEFAULT_STABILIZATION_MS = 60_000;
const DEFAULT_FAILURES = 2;
/** Flink's own word for no periodic checkpoints is the largest long, which no JSON number is exactly. */
const NO_CHECKPOINTS_MS = 2 ** 63;

/** A change at 0 within a cooldown of 30 s, a stabilization of 60 s and a longest delay of 180 s is carried out by 180 s. */
export function rescaleWaitOf({ cooldownMs, stabilizationMs, maxDelayMs }: RescaleTimes): EngineWait {
  return {
    longestMs: Math.max(cooldownMs, stabilizationMs, maxDelayMs),
    words: maxDelayMs > 0 ? 'waiting for a checkpoint' : 'waiting for Flink to rescale',
  };
}

/**
 * Out of what is configured, with Flink's defaults: the longest delay is (2 + 1) checkpoint intervals, 0 without checkpoints.
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
