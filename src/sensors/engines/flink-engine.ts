// Apache Flink through its PrometheusReporter. Labels of a task's series: host, tm_id, job_id, job_name, task_id, task_name,
// task_attempt_id, task_attempt_num, subtask_index; of an operator's also operator_id, operator_name. A restart changes
// tm_id and task_attempt_*, so nothing here depends on them. Times are means over 60 s, or since the task began; rates are
// counts of the last 60 s over 60 s, which begin at 0 with the task. Looked up on a cluster of Flink 1.20. The reporter turns
// every character of a label value outside [a-zA-Z0-9:_] into `_`: the task "Source: Kafka" is "Source:_Kafka".
import type { EngineEntry } from './engine-entry.js';

const SOURCE_TASKS = 'task_name=~"Source:.*"';

/**
 * No more can wait than idle time i allows: a queue that is empty for that share of time has, where records take about
 * equally long (M/D/1), (1 − i)² / 2i waiting on average, which 1 / 2i − 1 is to within i / 2: 0 at i = 0.5, 1 at 0.25, 4 at
 * 0.1, any number at 0.
 */
const AT_MOST = 'clamp_min(500 / flink_taskmanager_job_task_idleTimeMsPerSecond{$matchers} - 1, 0)';
const QUEUE = 'flink_taskmanager_job_task_Shuffle_Netty_Input_Buffers_inputQueueLength{$matchers}';

/**
 * The length of the input queue, but no more than idle time allows, because the length counts the buffer being filled in
 * every channel within the TaskManager: an idle task with four such channels has 4. (`inPoolUsage` and `inputQueueSize` leave
 * these channels out.) Where idle time is not known, or NaN, it is the length alone; where the length is not, nothing is known.
 * Times 1, because the name of a series must not depend on which of the two was taken.
 */
const PENDING_PACKETS = `1 * (${QUEUE} < ${AT_MOST} or ${AT_MOST} <= ${QUEUE} or ${QUEUE})`;

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
  policy: {
    // A full channel holds some ten buffers at the most, 4 within a TaskManager; the rest waits at the senders.
    min_pending_packets_for_skew: 3,
  },
  sensors: {
    backpressure: 'flink_taskmanager_job_task_backPressuredTimeMsPerSecond{$matchers} / 1000',
    pending_packets: PENDING_PACKETS,
    processing_rate: PROCESSING_RATE,
    // NaN for tasks that do not measure it (legacy sources): unknown, so nothing is scaled down on the strength of it.
    busy: 'flink_taskmanager_job_task_busyTimeMsPerSecond{$matchers} / 1000',
    source_backlog: SOURCE_BACKLOG,
  },
} as const satisfies EngineEntry;
