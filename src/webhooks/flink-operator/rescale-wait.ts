// PURE: how long Flink may take before it rescales a job in place, as far as the resource's own configuration tells. What the job's code,
// the operator's defaults or a session cluster set is not in it.
import { parseFlinkDuration } from '../flink-duration.js';
import { CHECKPOINT_INTERVAL, rescaleTimesOf, rescaleWaitOf } from '../rescale-times.js';
import type { EngineWait } from '../webhook-type.js';
import type { FlinkResource } from './flink-resource.js';

/** null: it is not known: an older Flink, another scheduler (an upgrade takes what it takes), or no word of checkpoints. */
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
