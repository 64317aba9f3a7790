// Series recorded by rules/recording-flink.yml or rules/recording-heron.yml, for fleets where the raw queries cost too much.
// Written for Flink's recordings. For Heron's set backpressure_reported_by: culprit, series_ttl: 600s, busy: null and
// source_backlog: null; a sensor that is listed and never recorded is missing, and what is missing blocks scale-downs.
import type { WholeEngineEntry } from '../../config/engine-schema.js';

export const RECORDED_ENGINE: WholeEngineEntry = {
  labels: { topology: 'topology', operator: 'operator', operator_instance: 'operator_instance' },
  // The recording rules keep these labels of Flink's series; Heron's have none, and what is empty everywhere tells nothing apart.
  identity: { topology: ['job_id'], operator: ['task_id'], attempt: ['task_attempt_id'] },
  matchers: '',
  resolution: null,
  series_ttl: '0s',
  backpressure_reported_by: 'victim',
  contiguous_instances: false,
  sources: 'dhalion:instance_source:current{$matchers} or dhalion:instance_source_backlog:current{$matchers}',
  policy: {},
  sensors: {
    backpressure: 'dhalion:instance_backpressure:current{$matchers}',
    pending_packets: 'dhalion:instance_pending_packets:current{$matchers}',
    processing_rate: 'dhalion:instance_processing_rate:current{$matchers}',
    busy: 'dhalion:instance_busy:current{$matchers}',
    idle: 'dhalion:instance_idle:current{$matchers}',
    source_backlog: 'dhalion:instance_source_backlog:current{$matchers}',
    source_partitions: 'dhalion:instance_source_partitions:current{$matchers}',
    // Asked for only where backpressure_reported_by is culprit.
    topology_suspended: 'dhalion:instance_topology_suspended:current{$matchers}',
  },
};
