// The series of a job that the Flink Kubernetes Operator manages: the source is held up 40 % of the time, by two operators that
// have no room. Each should have 4 instances.
import type { FlinkJob } from './flink-exporter.js';
import { VERTEX_IDS } from './flink-rest-server.js';

export const SHORT_JOB: FlinkJob = {
  'Source:_numbers': { parallelism: 1, backPressured: 400 },
  split: { parallelism: 2, busy: 1000, queue: 50 },
  count: { parallelism: 2, busy: 1000, queue: 50 },
};

export const SCALED_JOB: FlinkJob = {
  'Source:_numbers': { parallelism: 1 },
  split: { parallelism: 4 },
  count: { parallelism: 4 },
};

/** Label `task_id` by task name. */
export const TASK_IDS: Readonly<Record<string, string>> = {
  'Source:_numbers': VERTEX_IDS.source,
  split: VERTEX_IDS.split,
  count: VERTEX_IDS.count,
};
