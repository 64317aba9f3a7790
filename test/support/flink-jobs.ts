// Jobs for the exporter, source → split, each in one condition; and the entry of `topologies:` that goes with them.
import type { FlinkJob } from './flink-exporter.js';

export const SOURCE = 'Source:_in';

/** Busy enough for its four instances: nothing to be done. */
export const HEALTHY: FlinkJob = { [SOURCE]: { parallelism: 1 }, split: { parallelism: 4, busy: 700 } };

/** The source is held up 40 % of the time: 2 full instances should be ceil(2 / 0.6 / 0.85) = 4. */
export const UNDERPROVISIONED: FlinkJob = {
  [SOURCE]: { parallelism: 1, backPressured: 400 },
  split: { parallelism: 2, busy: 1000, queue: 50 },
};

/** Four instances, a fifth busy: one would do, but two at most are given back at once. */
export const OVERPROVISIONED: FlinkJob = { [SOURCE]: { parallelism: 1 }, split: { parallelism: 4, busy: 200 } };

/** One of four instances takes longer for each record: it is to be restarted. */
export const SLOW_INSTANCE: FlinkJob = {
  [SOURCE]: { parallelism: 1, backPressured: 400 },
  split: { parallelism: 4, busy: [1000, 500, 500, 500], queue: [200, 0, 0, 0], recordsIn: [100, 160, 160, 160] },
};

/** JSON, which is YAML. */
export function topologyEntry(name: string, more: Readonly<Record<string, unknown>> = {}): string {
  const source = { name: 'source', match: 'Source:.*', role: 'source' };
  return JSON.stringify({
    name,
    engine: 'flink',
    webhook: 'scaler',
    operators: [source, { name: 'split', inputs: ['source'] }],
    ...more,
  });
}
