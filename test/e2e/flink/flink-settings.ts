// PURE: config.yaml of one process of the rig's cluster. Small in memory, quick in what it waits for.

import type { FlinkVersion } from './flink-version.js';

export interface FlinkProcessSettings {
  readonly flink: Pick<FlinkVersion, 'major'>;
  readonly ports: { readonly rest: number; readonly rpc: number; readonly blob: number };
  readonly reporterPort: number;
  /** The cluster's. */
  readonly folder: string;
  /** The process's own. */
  readonly home: string;
  readonly name: string;
  /** Of each TaskManager. */
  readonly slots: number;
  /** What is set otherwise than the rig does. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * How long the adaptive scheduler waits for slots when it starts a job, between two rescales, and for slots that are wanting
 * to a rescale: it is rescaled to what was asked for even where the slots allow less, a second later, not never. When a
 * rescale is triggered is left as it is shipped: from 2 on, by the next checkpoint.
 */
const SCHEDULER: Readonly<Record<FlinkVersion['major'], Readonly<Record<string, string>>>> = {
  1: {
    'jobmanager.adaptive-scheduler.resource-wait-timeout': '30 s',
    'jobmanager.adaptive-scheduler.resource-stabilization-timeout': '1 s',
    'jobmanager.adaptive-scheduler.scaling-interval.min': '1 s',
    'jobmanager.adaptive-scheduler.scaling-interval.max': '2 s',
  },
  2: {
    'jobmanager.adaptive-scheduler.submission.resource-wait-timeout': '30 s',
    'jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout': '1 s',
    'jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling': '1 s',
    'jobmanager.adaptive-scheduler.executing.resource-stabilization-timeout': '2 s',
    // Off unless it is asked for; 2.3 has it first.
    'web.adaptive-scheduler.rescale-history.size': '20',
  },
};

/** Flat keys, each a line, all values texts: of a number the reporter takes no notice. */
export function renderFlinkSettings(process: FlinkProcessSettings): string {
  const { flink, ports, reporterPort, folder, home, name, slots } = process;
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
    'taskmanager.load-balance.mode': 'SLOTS',
    'jobmanager.scheduler': 'adaptive',
    ...SCHEDULER[flink.major],
    'restart-strategy.type': 'fixed-delay',
    'restart-strategy.fixed-delay.attempts': 1000,
    'restart-strategy.fixed-delay.delay': '1 s',

    'execution.checkpointing.dir': `file://${folder}/checkpoints`,

    'metrics.reporter.prom.factory.class': 'org.apache.flink.metrics.prometheus.PrometheusReporterFactory',
    // It listens on every interface and cannot be told not to.
    'metrics.reporter.prom.port': reporterPort,
    'io.tmp.dirs': `${home}/tmp`,
    ...process.settings,
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}: ${JSON.stringify(String(value))}\n`)
    .join('');
}
