// A simulated topology as Heron's PrometheusSink would expose it: counts and times of one export interval, reset by the
// export; stamped samples without HELP or TYPE; stream managers that know their instances by metric_instance_id; and series
// that outlive their instance for as long as the sink caches them.
import type { Exposition } from './exposition.js';
import { createHeronInstances, type HeronInstanceName } from './heron-instances.js';
import { javaDouble } from './java-text.js';
import {
  NO_TOTALS,
  type InstanceState,
  type InstanceTotals,
  type OperatorState,
  type TopologyState,
} from './topology-state.js';

export interface HeronExpositionOptions {
  /** Simulated seconds. */
  readonly exportIntervalSeconds: number;
  readonly seriesTtlSeconds: number;
  /** One stream manager in each. */
  readonly containers: number;
  /** "cluster/role/environment"; null: the sink does not know it. */
  readonly clusterRoleEnv: string | null;
  readonly packetBytes: number;
  readonly kafkaTopic: string;
}

export const DEFAULT_HERON_OPTIONS: HeronExpositionOptions = {
  exportIntervalSeconds: 60,
  seriesTtlSeconds: 600,
  containers: 2,
  clusterRoleEnv: null,
  packetBytes: 1024,
  kafkaTopic: 'sentences',
};

type Labels = Readonly<Record<string, string>>;
type AddSample = (metric: string, labels: Labels, value: number) => void;

/** Values since the last export. */
interface Interval {
  restarts: number;
  looks: number;
  readonly packets: Map<string, number>;
  totals: Map<string, InstanceTotals>;
  suspendedMs: number;
  beganAtSeconds: number;
}

export function createHeronExposition(options: Partial<HeronExpositionOptions> = {}): Exposition {
  const settings = { ...DEFAULT_HERON_OPTIONS, ...options };
  const names = createHeronInstances(settings.containers);
  const cache = new Map<string, { readonly value: number; readonly exportedAtSeconds: number }>();
  const interval: Interval = {
    restarts: 0,
    looks: 0,
    packets: new Map(),
    totals: new Map(),
    suspendedMs: 0,
    beganAtSeconds: 0,
  };
  let nowSeconds = 0;

  const exportInterval = (state: TopologyState): void => {
    const add: AddSample = (metric, labels, value) => {
      cache.set(`heron_${metric}{${renderLabels(labels)}}`, { value, exportedAtSeconds: state.timeSeconds });
    };
    for (const operator of state.operators) {
      for (const [index, name] of names.namesOf(operator.name).entries()) {
        const instance = operator.instances[index];
        if (instance !== undefined) addInstance(add, state, operator, instance, name, interval, settings);
      }
    }
    for (let container = 1; container <= settings.containers; container += 1) {
      const labels = streamManagerLabels(state, container, settings);
      add('server_time_spent_back_pressure_aggr', labels, Math.round(state.suspendedMs - interval.suspendedMs));
    }
    beginInterval(interval, state);
  };

  return {
    observe: (state) => {
      nowSeconds = state.timeSeconds;
      names.update(state);
      // A restarted process has no values from before.
      if (state.restarts !== interval.restarts) forgetInterval(interval, state);
      if (!state.isRunning) return;
      gatherPackets(interval, state);
      if (nowSeconds - interval.beganAtSeconds >= settings.exportIntervalSeconds - 1e-9) exportInterval(state);
    },
    render: (nowMs) => {
      const lines: string[] = [];
      for (const [series, { value, exportedAtSeconds }] of cache) {
        if (nowSeconds - exportedAtSeconds > settings.seriesTtlSeconds) cache.delete(series);
        else lines.push(`${series} ${javaDouble(value)} ${nowMs}\n`);
      }
      return lines.join('');
    },
    instanceIndex: (operator, operatorInstance) => {
      const index = names.namesOf(operator).findIndex(({ instanceId }) => instanceId === operatorInstance);
      return index < 0 ? null : index;
    },
  };
}

function addInstance(
  add: AddSample,
  state: TopologyState,
  operator: OperatorState,
  instance: InstanceState,
  name: HeronInstanceName,
  interval: Interval,
  settings: HeronExpositionOptions,
): void {
  const key = instanceKey(operator, instance);
  const before = interval.totals.get(key) ?? NO_TOTALS;
  const isSpout = operator.role === 'source';
  const labels = {
    ...commonLabels(state, operator.name, name.instanceId, settings),
    component_type: isSpout ? 'spout' : 'bolt',
  };
  const since = (total: (totals: InstanceTotals) => number): number =>
    Math.round(total(instance.totals) - total(before));
  const feedsSome = state.operators.some((other) => other.inputs.includes(operator.name));
  const emitted = since(({ recordsOut }) => recordsOut);
  if (feedsSome) add('emit_count_default', labels, emitted);
  if (isSpout) {
    add(
      'next_tuple_count',
      labels,
      since(({ recordsIn }) => recordsIn),
    );
    const lag = instance.backlogRecords;
    if (lag !== null) add('kafkaoffset_totalspoutlag', { ...labels, topic: settings.kafkaTopic }, Math.round(lag));
  } else {
    add(
      'execute_count_default',
      labels,
      since(({ recordsIn }) => recordsIn),
    );
    add('execute_time_ns_default', labels, since(({ busyMs }) => busyMs) * 1e6);
  }
  const packets = (interval.packets.get(key) ?? 0) / Math.max(1, interval.looks);
  const managed = { ...streamManagerLabels(state, name.container, settings), metric_instance_id: name.instanceId };
  add(
    'time_spent_back_pressure_by_compid',
    managed,
    since(({ culpritMs }) => culpritMs),
  );
  add('connection_buffer_by_instanceid_packets', managed, packets);
  add('connection_buffer_by_instanceid_bytes', managed, packets * settings.packetBytes);
}

function gatherPackets(interval: Interval, state: TopologyState): void {
  interval.looks += 1;
  for (const operator of state.operators) {
    for (const instance of operator.instances) {
      const key = instanceKey(operator, instance);
      interval.packets.set(key, (interval.packets.get(key) ?? 0) + instance.pendingPackets);
    }
  }
}

function beginInterval(interval: Interval, state: TopologyState): void {
  interval.looks = 0;
  interval.packets.clear();
  interval.totals = new Map(
    state.operators.flatMap((operator) =>
      operator.instances.map((instance) => [instanceKey(operator, instance), instance.totals] as const),
    ),
  );
  interval.suspendedMs = state.suspendedMs;
  interval.beganAtSeconds = state.timeSeconds;
}

function forgetInterval(interval: Interval, state: TopologyState): void {
  interval.restarts = state.restarts;
  interval.looks = 0;
  interval.packets.clear();
  interval.totals.clear();
  interval.suspendedMs = 0;
  interval.beganAtSeconds = state.runningSinceSeconds;
}

function instanceKey(operator: OperatorState, instance: InstanceState): string {
  return `${operator.name}/${instance.index}`;
}

function streamManagerLabels(state: TopologyState, container: number, settings: HeronExpositionOptions): Labels {
  return commonLabels(state, '__stmgr__', `stmgr-${container}`, settings);
}

function commonLabels(
  state: TopologyState,
  component: string,
  instanceId: string,
  settings: HeronExpositionOptions,
): Labels {
  const known = settings.clusterRoleEnv === null ? {} : { cluster_role_env: settings.clusterRoleEnv };
  return { ...known, component, instance_id: instanceId, topology: state.name };
}

/** In alphabetical order, as the sink's tree map has them. */
function renderLabels(labels: Labels): string {
  const names = Object.keys(labels).sort();
  return names.map((name) => `${name}="${labels[name] ?? ''}"`).join(',');
}
