// The job that flink-rest-server.ts recorded, as its metrics reporter shows it: the source waits 40 % of the time for `split`,
// which should have 4 instances.
import type { FlinkJob } from './flink-exporter.js';
import { JOB_ID, VERTEX_IDS } from './flink-rest-server.js';

export const NUMBERS_JOB: FlinkJob = {
  'Source:_numbers__all_': { parallelism: 1, backPressured: 400 },
  'split:_a_b': { parallelism: 2, busy: 1000, queue: 50 },
  count: { parallelism: 2, busy: 700 },
  'out:_Writer': { parallelism: 1, busy: 700 },
};

/** With the 4 instances of `split`. */
export const SCALED_NUMBERS_JOB: FlinkJob = {
  ...NUMBERS_JOB,
  'Source:_numbers__all_': { parallelism: 1 },
  'split:_a_b': { parallelism: 4 },
};

/** The exporter's ids of the recorded vertices. */
export const EXPORTED_IDS = {
  [VERTEX_IDS.source]: 'vertex_Source:_numbers__all_',
  [VERTEX_IDS.split]: 'vertex_split:_a_b',
  [VERTEX_IDS.count]: 'vertex_count',
  [VERTEX_IDS.out]: 'vertex_out:_Writer',
};

/** What replaces the recorded ids and name, so that the JobManager speaks of a topology as its series do. */
export function idsOf(topology: string): Readonly<Record<string, string>> {
  return { ...EXPORTED_IDS, [JOB_ID]: `id_of_${topology}`, 'word count': topology.replaceAll('_', ' ') };
}
