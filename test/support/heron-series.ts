// Histories as Heron's Prometheus sink writes them: what stream managers report about instances, and what instances count.
import type { History } from './real-parts.js';
import { series, type Course } from './sensing.js';

export interface HeronInstance {
  readonly topology: string;
  readonly component: string;
  readonly task: number;
  readonly container?: number;
  /** ms of the last 60 s. */
  readonly backpressureMs: Course;
  readonly packets: Course;
}

/** A stream manager's report on one instance, and that instance's own count over 60 s. */
function instance(
  { topology, component, task, container = 1, backpressureMs, packets }: HeronInstance,
  count: History[],
): History[] {
  const labels = {
    topology,
    component: '__stmgr__',
    instance_id: `stmgr-${container}`,
    metric_instance_id: `container_${container}_${component}_${task}`,
  };
  return [
    series('heron_time_spent_back_pressure_by_compid', labels, backpressureMs),
    series('heron_connection_buffer_by_instanceid_packets', labels, packets),
    ...count,
  ];
}

export function heronBolt(bolt: HeronInstance & { readonly executed: Course; readonly byRules?: boolean }): History[] {
  const own = {
    topology: bolt.topology,
    component: bolt.component,
    instance_id: `container_${bolt.container ?? 1}_${bolt.component}_${bolt.task}`,
    component_type: 'bolt',
  };
  const count =
    bolt.byRules === true
      ? series('heron_execute_count', { ...own, context: 'default' }, bolt.executed)
      : series('heron_execute_count_default', own, bolt.executed);
  return instance(bolt, [count, series('heron_emit_count_default', own, 12_345)]);
}

export function heronSpout(spout: HeronInstance & { readonly emitted: Course }): History[] {
  const own = {
    topology: spout.topology,
    component: spout.component,
    instance_id: `container_${spout.container ?? 1}_${spout.component}_${spout.task}`,
    component_type: 'spout',
  };
  return instance(spout, [series('heron_emit_count_default', own, spout.emitted)]);
}

/** Time for which a stream manager's spouts were held up; the label of its last `_by_` metric leaks onto it. */
export function heronSuspended(
  topology: string,
  container: number,
  ms: Course,
  name = 'heron_server_time_spent_back_pressure_aggr',
): History {
  const labels = {
    topology,
    component: '__stmgr__',
    instance_id: `stmgr-${container}`,
    metric_instance_id: 'container_1_exclaim1_1',
  };
  return series(name, labels, ms);
}
