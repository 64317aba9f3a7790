// PURE: how long Flink can delay a rescale in place, from the resource's own configuration. Settings of the job's code, of the operator's
// defaults and of a session cluster are not in it.
import { parseFlinkDuration } from '../flink-duration.js';
import { CHECKPOINT_INTERVAL, rescaleTimesOf, rescaleWaitOf } from '../rescale-times.js';
import type { EngineWait } from '../webhook-type.js';
import type { FlinkResource } from './flink-resource.js';

/** null: not known: an older Flink, another scheduler (the duration of an upgrade is not known), or no checkpoint interval. */
export function rescaleWaitIn({
  config,
  flinkVersion,
}: Pick<FlinkResource, 'config' | 'flinkVersion'>): EngineWait | null {
  const [, major] = /^v(\d{1,3})_/.exec(flinkVersion ?? '') ?? [];
  if (major === undefined || Number(major) < 2) return null;
  const optionOf = (key: string): string | undefined => config.get(key)?.value;
  if (optionOf('jobmanager.scheduler')?.toLowerCase() !== 'adaptive') return null;
  const interval = optionOf(CHECKPOINT_INTERVAL);
  const times = rescaleTimesOf(optionOf, interval === undefined ? null : parseFlinkDuration(interval));
  return times && rescaleWaitOf(times);
}
