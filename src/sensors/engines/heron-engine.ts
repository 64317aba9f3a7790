// Apache Heron through its PrometheusSink. Every value is reset by an export, once in 60 s: a count over 60 is a rate, ms of
// backpressure over 60000 a ratio, and `rate()` means nothing. What a stream manager (component `__stmgr__`) knows of an
// instance carries its id, container_<container>_<component>_<task>, in metric_instance_id: here it is put where an
// instance's own series have it. That label leaks onto other series of the same stream manager, so only names with `_by_`
// may be told apart by it. The sink stamps its samples and shows them for 600 s more after an instance is gone; scrape it with
// `honor_timestamps: false`, or Prometheus keeps them for its look-back (5 m) on top.
import type { WholeEngineEntry } from '../../config/engine-schema.js';

/** The stream managers' series of one name as if the instances themselves reported them. */
function ofInstances(name: string): string {
  const series = `${name}{$matchers, metric_instance_id=~"container_[0-9]+_.+_[0-9]+"}`;
  const withComponent = `label_replace(${series}, "component", "$1", "metric_instance_id", "container_[0-9]+_(.+)_[0-9]+")`;
  return `label_replace(${withComponent}, "instance_id", "$1", "metric_instance_id", "(.+)")`;
}

/** The default stream's count, named as without sink rules or as with the rules shipped for Kubernetes and Nomad. */
function countOf(name: string, matchers: string): string {
  return `{__name__="heron_${name}_default", ${matchers}} or {__name__="heron_${name}", context="default", ${matchers}}`;
}

export const HERON_ENGINE: WholeEngineEntry = {
  labels: { topology: 'topology', operator: 'component', operator_instance: 'instance_id' },
  identity: { topology: [], operator: [], attempt: [] },
  matchers: '',
  resolution: null,
  series_ttl: '600s',
  // Time for which this instance's stream manager held the spouts up because of it.
  backpressure_reported_by: 'culprit',
  // Task ids are unique in the topology, not counted within a component.
  contiguous_instances: false,
  sources: '{__name__=~"heron_(emit_count.*|next_tuple_count)", $matchers, component_type="spout"}',
  policy: {},
  sensors: {
    backpressure: `${ofInstances('heron_time_spent_back_pressure_by_compid')} / 60000`,
    pending_packets: ofInstances('heron_connection_buffer_by_instanceid_packets'),
    // Bolts execute; spouts only emit.
    processing_rate: `(${countOf('execute_count', '$matchers')} or ${countOf('emit_count', '$matchers, component_type="spout"')}) / 60`,
    // A stream manager's share of time with its spouts held up, by whomever.
    topology_suspended:
      '(heron_server_time_spent_back_pressure_aggr{$matchers} or heron_time_spent_back_pressure_aggr{$matchers}) / 60000',
  },
};
