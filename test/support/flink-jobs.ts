// Jobs for the exporter, source → split, each in one condition; and their entry of `topologies:`.
import type { FlinkJob } from './flink-exporter.js';

export const SOURCE = 'Source:_in';

/** Busy enough for its four instances: no action is needed. */
export const HEALTHY: FlinkJob = { [SOURCE]: { parallelism: 1 }, split: { parallelism: 4, busy: 700 } };

/** The source is held up 40 % of the time: 2 full instances should be ceil(2 / 0.6 / 0.85) = 4. */
export const UNDERPROVISIONED: FlinkJob = {
  [SOURCE]: { parallelism: 1, backPressured: 400 },
  split: { parallelism: 2, busy: 1000, queue: 50 },
};

/** Four instances, 20 % busy: one would be enough, but at most two are given back at once. */
export const OVERPROVISIONED: FlinkJob = { [SOURCE]: { parallelism: 1 }, split: { parallelism: 4, busy: 200 } };

/** The result of a harmful scale-down of that to 2: three fifths of the same load get through. */
export const HARMED: FlinkJob = {
  [SOURCE]: { parallelism: 1, backPressured: 400, recordsOut: 60 },
  split: { parallelism: 2, busy: 1000, queue: 50, recordsIn: 30 },
};

/** One of four instances takes longer for each record: it should be restarted. */
export const SLOW_INSTANCE: FlinkJob = {
  [SOURCE]: { parallelism: 1, backPressured: 400 },
  split: { parallelism: 4, busy: [1000, 500, 500, 500], queue: [200, 0, 0, 0], recordsIn: [100, 160, 160, 160] },
};

/**
 * The source offers 1 / (1 − 0.4) = 1.67 times what gets through: `split`, which is full, should be ceil(2 × 1.67 / 0.85) = 4,
 * and `count`, 70 % busy, would be next: ceil(2 × 1.67 × 0.7 / 0.85) = 3.
 */
export const TWO_TOO_SMALL: FlinkJob = { ...UNDERPROVISIONED, count: { parallelism: 2, busy: 700 } };

/** The same with the parallelism that it asks for. */
export const TWO_HEALTHY: FlinkJob = { ...HEALTHY, count: { parallelism: 3, busy: 700 } };

/** JSON, which is YAML. */
export function topologyEntry(name: string, more: Readonly<Record<string, unknown>> = {}): string {
  const source = { name: 'source', match: 'Source:.*', role: 'source' };
  const operators = [source, { name: 'split', inputs: ['source'] }];
  return JSON.stringify({
    name,
    engine: 'flink',
    webhook: 'scaler',
    operators,
    ...more,
  });
}

/** The entry of a topology with `count` after `split`. */
export function longerTopologyEntry(name: string, more: Readonly<Record<string, unknown>> = {}): string {
  const entry = JSON.parse(topologyEntry(name, more)) as { operators: unknown[] };
  return JSON.stringify({ ...entry, operators: [...entry.operators, { name: 'count', inputs: ['split'] }] });
}
