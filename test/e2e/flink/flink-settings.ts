// PURE: config.yaml of one process of the rig's cluster. Small in memory, quick in what it waits for.

export interface FlinkProcessSettings {
  readonly ports: { readonly rest: number; readonly rpc: number; readonly blob: number };
  readonly reporterPort: number;
  /** The cluster's. */
  readonly folder: string;
  /** The process's own. */
  readonly home: string;
  readonly name: string;
  /** Of each TaskManager. */
  readonly slots: number;
}

/** Flat keys, each a line, all values texts: of a number the reporter takes no notice. */
export function renderFlinkSettings({ ports, reporterPort, folder, home, name, slots }: FlinkProcessSettings): string {
  const settings: Readonly<Record<string, string | number>> = {
    'jobmanager.rpc.address': '127.0.0.1',
    'jobmanager.rpc.port': ports.rpc,
    'jobmanager.bind-host': '127.0.0.1',
    'rest.address': '127.0.0.1',
    'rest.bind-address': '127.0.0.1',
    'rest.port': ports.rest,
    'blob.server.port': ports.blob,
    'taskmanager.host': '127.0.0.1',
    'taskmanager.bind-host': '127.0.0.1',
    'taskmanager.resource-id': name,
    'taskmanager.numberOfTaskSlots': slots,

    // Nothing here is worked out from the machine's memory: that is what Flink's start scripts do, and none runs.
    'taskmanager.cpu.cores': 1,
    'taskmanager.memory.task.heap.size': '256m',
    'taskmanager.memory.task.off-heap.size': '0m',
    'taskmanager.memory.framework.heap.size': '64m',
    'taskmanager.memory.framework.off-heap.size': '64m',
    'taskmanager.memory.managed.size': '0m',
    'taskmanager.memory.network.min': '16m',
    'taskmanager.memory.network.max': '16m',
    'taskmanager.memory.segment-size': '4kb',
    // Queues of about a second: full buffers would take minutes to fill at the rig's rates.
    'taskmanager.network.memory.buffer-debloat.enabled': 'true',
    'taskmanager.network.memory.buffer-debloat.target': '1 s',
    'taskmanager.memory.jvm-metaspace.size': '128m',
    'taskmanager.memory.jvm-overhead.min': '64m',
    'taskmanager.memory.jvm-overhead.max': '64m',

    // Channels within a TaskManager and between two, as in a real cluster.
    'cluster.evenly-spread-out-slots': 'true',
    'jobmanager.scheduler': 'adaptive',
    'jobmanager.adaptive-scheduler.resource-wait-timeout': '30 s',
    'jobmanager.adaptive-scheduler.resource-stabilization-timeout': '1 s',
    'jobmanager.adaptive-scheduler.scaling-interval.min': '1 s',
    // Rescaled to what was asked for even where the slots allow less: a second later, not never.
    'jobmanager.adaptive-scheduler.scaling-interval.max': '2 s',
    'restart-strategy.type': 'fixed-delay',
    'restart-strategy.fixed-delay.attempts': 1000,
    'restart-strategy.fixed-delay.delay': '1 s',

    'state.checkpoints.dir': `file://${folder}/checkpoints`,

    'metrics.reporter.prom.factory.class': 'org.apache.flink.metrics.prometheus.PrometheusReporterFactory',
    // It listens on every interface and cannot be told not to.
    'metrics.reporter.prom.port': reporterPort,
    'io.tmp.dirs': `${home}/tmp`,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}: ${JSON.stringify(String(value))}\n`)
    .join('');
}
