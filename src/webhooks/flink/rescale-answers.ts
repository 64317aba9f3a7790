// PURE: the times and checkpoints that a rescale waits for, from answers of Flink's REST API. Answers are not trusted: a value that is
// not a number of at least 0 is unknown.
import { isObject, parseList, parseObject } from '../../outbound/json-object.js';
import type { RescaleTimes } from '../rescale-times.js';

export interface RescaleConfig {
  readonly times: RescaleTimes;
  /** Number of rescales in the history; 0, the default: there is no history. */
  readonly historySize: number;
}

/** Parses `GET /jobs/<id>/rescales/config` (JobRescaleConfigInfo, 2.3). null: not known. */
export function parseRescaleConfig(text: string): RescaleConfig | null {
  const told = parseObject(text);
  const cooldownMs = timeOf(told?.['executingCooldownTimeoutInMillis']);
  const stabilizationMs = timeOf(told?.['executingResourceStabilizationTimeoutInMillis']);
  const maxDelayMs = timeOf(told?.['maximumDelayForTriggeringRescaleInMillis']);
  if (cooldownMs === null || stabilizationMs === null || maxDelayMs === null) return null;
  return { times: { cooldownMs, stabilizationMs, maxDelayMs }, historySize: timeOf(told?.['rescaleHistoryMax']) ?? 0 };
}

type FlinkVersion = readonly [major: number, minor: number];

/** Parses `GET /overview`. null: not known. */
export function parseFlinkVersion(text: string): FlinkVersion | null {
  const version = parseObject(text)?.['flink-version'];
  const [, major, minor] = (typeof version === 'string' ? /^(\d{1,3})\.(\d{1,3})/.exec(version) : null) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}

export function isAtLeast([major, minor]: FlinkVersion, [leastMajor, leastMinor]: FlinkVersion): boolean {
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** ms, from `GET /jobs/<id>/checkpoints/config`: 0 for a job without checkpoints, with its own error at 404. null: not known. */
export function parseCheckpointInterval({
  status,
  body,
}: {
  readonly status: number;
  readonly body: string;
}): number | null {
  const told = parseObject(body);
  if (status === 200) return timeOf(told?.['interval']);
  const errors = told?.['errors'];
  const isWithout = status === 404 && Array.isArray(errors) && errors.some(isWithoutCheckpoints);
  return isWithout ? 0 : null;
}

/** By key, from `GET /jobmanager/config`. null: not an answer of Flink. */
export function parseOptions(text: string): ReadonlyMap<string, string> | null {
  const listed = parseList(text);
  if (listed === null) return null;
  return new Map(
    listed.filter(isObject).flatMap(({ key, value }): [string, string][] => {
      return typeof key === 'string' && typeof value === 'string' ? [[key, value]] : [];
    }),
  );
}

function isWithoutCheckpoints(error: unknown): boolean {
  return typeof error === 'string' && error.includes('Checkpointing is not enabled for this job');
}

function timeOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
