// Apache Flink through its PrometheusReporter. Labels of a task's series: host, tm_id, job_id, job_name, task_id, task_name,
// task_attempt_id, task_attempt_num, subtask_index; of an operator's also operator_id, operator_name. A restart changes
// tm_id and task_attempt_*, so nothing here depends on them. Times are means over 60 s, or since the task began; rates are
// counts of the last 60 s over 60 s, which begin at 0 with the task. Looked up on a cluster of Flink 1.20. The reporter turns
// every character of a label value outside [a-zA-Z0-9:_] into `_`: the task "Source: Kafka" is "Source:_Kafka".
import type { EngineEntry } from './engine-entry.js';

const SOURCE_TASKS = 'task_name=~"Source:.*"';

/** In its first 5 s a task has idled for 0 ms/s and got 0 records/s, whatever it does: that is not known yet. */
const IDLE_MS =
  'flink_taskmanager_job_task_idleTimeMsPerSecond{$matchers} > 0 or flink_taskmanager_job_task_idleTimeMsPerSecond{$matchers} ' +
  'and flink_taskmanager_job_task_numRecordsInPerSecond{$matchers} > 0';

/**
 * Flink tells no number of waiting records, and what it tells of its queues depends on where the channels lead: `inPoolUsage`
 * and `inputQueueSize` leave out those within a TaskManager; `inputQueueLength` counts in these the buffer being filled, so
 * that an idle task with four such channels has 4, and one that is never done has ten, however much waits behind in the
 * sender. What means the same everywhere is how often a subtask finds nothing to do: if its share of time with work is ρ, and
 * records take about equally long, ρ² / (2 (1 − ρ)) wait on average (M/D/1): 0.25 at ρ 0.5, 1 at 0.73, 4 at 0.9, 50 at 0.99.
 * From 3 ms/s of idleness downwards it is 166: a task that always has work may still wait so long for its next buffer.
 * With the idle share i = 1 − ρ this is (i + 1 / i) / 2 − 1, and (i + 1 / i) / 2 is cosh(ln i), which needs i only once.
 */
const PENDING_PACKETS = `cosh(ln(clamp(${IDLE_MS}, 3, 1000) / 1000)) - 1`;

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
    pending_packets: PENDING_PACKETS,
    processing_rate: PROCESSING_RATE,
    // NaN for tasks that do not measure it (legacy sources): unknown, so nothing is scaled down on the strength of it.
    busy: 'flink_taskmanager_job_task_busyTimeMsPerSecond{$matchers} / 1000',
    source_backlog: SOURCE_BACKLOG,
  },
} as const satisfies EngineEntry;
