// Apache Flink through its PrometheusReporter. Labels of a task's series: host, tm_id, job_id, job_name, task_id, task_name,
// task_attempt_id, task_attempt_num, subtask_index; of an operator's also operator_id, operator_name. A restart changes
// tm_id and task_attempt_*, so nothing here depends on them. The reporter turns every character of a label value
// outside [a-zA-Z0-9:_] into `_`: the task "Source: Kafka" is "Source:_Kafka".
import type { EngineEntry } from './engine-entry.js';

const SOURCE_TASKS = 'task_name=~"Source:.*"';

/**
 * A source's own numRecordsIn may stay 0, since nothing flows into it inside Flink. Then its source operators' reading is
 * taken, else what it sends on. Only sources fall back: an idle window operator may send without receiving. The others go
 * first and by themselves, because they are many and `or on (…)` is slow.
 */
const PROCESSING_RATE = `flink_taskmanager_job_task_numRecordsInPerSecond{$matchers, task_name!~"Source:.*"}
or (
  flink_taskmanager_job_task_numRecordsInPerSecond{$matchers, ${SOURCE_TASKS}} > 0
  or on (job_name, task_name, subtask_index)
    sum by (job_name, task_name, subtask_index) (
      max by (job_name, task_name, subtask_index, operator_id, operator_name)
        (flink_taskmanager_job_task_operator_numRecordsInPerSecond{$matchers, ${SOURCE_TASKS}, operator_name=~"Source.*"})
    ) > 0
  or on (job_name, task_name, subtask_index)
    flink_taskmanager_job_task_numRecordsOutPerSecond{$matchers, ${SOURCE_TASKS}} > 0
  or on (job_name, task_name, subtask_index)
    flink_taskmanager_job_task_numRecordsInPerSecond{$matchers, ${SOURCE_TASKS}}
)`;

/**
 * One gauge a source operator and subtask; a chain may hold several. Kafka registers it with the first record, so that a
 * subtask without partitions never has it: such a source counts as partly reporting. Where sources run with more subtasks
 * than partitions, add `or on (job_name, task_name, subtask_index) 0 * <the source tasks' backPressuredTimeMsPerSecond>`.
 */
const SOURCE_BACKLOG = `sum by (job_name, task_name, subtask_index) (
  max by (job_name, task_name, subtask_index, operator_id, operator_name)
    (flink_taskmanager_job_task_operator_pendingRecords{$matchers})
)`;

/** What the REST API calls a job and a vertex. */
export const FLINK_CALL_LABELS = ['job_id', 'task_id'] as const;

export const FLINK_ENGINE = {
  labels: { topology: 'job_name', operator: 'task_name', operator_instance: 'subtask_index' },
  matchers: '',
  resolution: null,
  series_ttl: '0s',
  // Time without a free output buffer: the task is held up by one downstream of it.
  backpressure_reported_by: 'victim',
  contiguous_instances: true,
  sources: `flink_taskmanager_job_task_backPressuredTimeMsPerSecond{$matchers, ${SOURCE_TASKS}}`,
  policy: {},
  sensors: {
    backpressure: 'flink_taskmanager_job_task_backPressuredTimeMsPerSecond{$matchers} / 1000',
    pending_packets: 'flink_taskmanager_job_task_Shuffle_Netty_Input_Buffers_inputQueueLength{$matchers}',
    processing_rate: PROCESSING_RATE,
    // NaN for tasks that do not measure it (legacy sources): unknown, so nothing is scaled down on the strength of it.
    busy: 'flink_taskmanager_job_task_busyTimeMsPerSecond{$matchers} / 1000',
    source_backlog: SOURCE_BACKLOG,
  },
} as const satisfies EngineEntry;
