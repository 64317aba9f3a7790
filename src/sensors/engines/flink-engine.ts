// Apache Flink through its PrometheusReporter. Labels of a task's series: host, tm_id, job_id, job_name, task_id, task_name,
// task_attempt_id, task_attempt_num, subtask_index; of an operator's also operator_id, operator_name. A restart changes
// tm_id and task_attempt_*, so nothing here depends on them. Times are means over 60 s, or since the task began; rates are
// counts of the last 60 s over 60 s, which begin at 0 with the task. Looked up on clusters of Flink 1.20 and 2.3. The reporter turns
// every character of a label value outside [a-zA-Z0-9:_] into `_`: the task "Source: Kafka" is "Source:_Kafka".
import type { WholeEngineEntry } from '../../config/engine-schema.js';

/** With `pipeline.vertex-name-include-index-prefix` the name is "[vertex-0]Source: Kafka", written "_vertex_0_Source:_Kafka". */
const SOURCE_TASKS = 'task_name=~"(_vertex_[0-9]+_)?Source:.*"';

const PREFIX = 'flink_taskmanager_job_task_';

/** A chain may hold several source operators: their sum, of one attempt, since those of the attempt before may still show. */
const BY_ATTEMPT = 'sum by (job_name, task_name, subtask_index, task_attempt_id)';

/** What the REST API calls a job and a vertex, and the attempt of a subtask. */
export const FLINK_CALL_LABELS = ['job_id', 'task_id', 'task_attempt_id'] as const;

export const FLINK_ENGINE: WholeEngineEntry = {
  labels: { topology: 'job_name', operator: 'task_name', operator_instance: 'subtask_index' },
  identity: { topology: ['job_id'], operator: ['task_id'], attempt: ['task_attempt_id'] },
  matchers: '',
  resolution: null,
  series_ttl: '0s',
  // Time without a free output buffer: the task is held up by one downstream of it.
  backpressure_reported_by: 'victim',
  contiguous_instances: true,
  sources: `${PREFIX}backPressuredTimeMsPerSecond{$matchers, ${SOURCE_TASKS}}`,
  policy: {
    // A full channel holds some ten buffers at the most, 4 within a TaskManager; the rest waits at the senders.
    min_pending_packets_for_skew: 3,
  },
  sensors: {
    backpressure: `${PREFIX}backPressuredTimeMsPerSecond{$matchers} / 1000`,
    // The length counts the buffer being filled in every channel within the TaskManager: an idle task with four such channels
    // has 4, and `inPoolUsage` and `inputQueueSize` leave these channels out. So `idle` bounds it, see operator-readings.ts.
    pending_packets: `${PREFIX}Shuffle_Netty_Input_Buffers_inputQueueLength{$matchers}`,
    // A source's own numRecordsIn may stay 0, since nothing flows into it inside Flink. Then what its source operators read is
    // taken, else what it sends on. Only sources fall back: an idle window operator may send without receiving.
    processing_rate: [
      `${PREFIX}numRecordsInPerSecond{$matchers}`,
      `${BY_ATTEMPT} (${PREFIX}operator_numRecordsInPerSecond{$matchers, ${SOURCE_TASKS}, operator_name=~"Source.*"})`,
      `${PREFIX}numRecordsOutPerSecond{$matchers, ${SOURCE_TASKS}}`,
    ],
    // NaN for tasks that do not measure it (legacy sources): unknown, so nothing is scaled down on the strength of it.
    busy: `${PREFIX}busyTimeMsPerSecond{$matchers} / 1000`,
    idle: `${PREFIX}idleTimeMsPerSecond{$matchers} / 1000`,
    // Kafka registers it with the first record, so that a subtask without partitions never has it.
    source_backlog: `${BY_ATTEMPT} (${PREFIX}operator_pendingRecords{$matchers})`,
    source_partitions:
      'count by (job_name, task_name, subtask_index, task_attempt_id) (flink_taskmanager_job_task_operator_KafkaSourceReader_topic_partition_currentOffset{$matchers})',
  },
};
