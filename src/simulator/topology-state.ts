// A simulated topology at one instant, for reporters and tests. Plain data, never changed once created.
import type { OperatorRole } from '../model/measurement.js';

export interface TopologyState {
  readonly name: string;
  /** Simulated seconds since the beginning. */
  readonly timeSeconds: number;
  /** false in a restart gap: nothing is processed and nothing exported. */
  readonly isRunning: boolean;
  /** Simulated time at which the present run began (or will begin). */
  readonly runningSinceSeconds: number;
  readonly restarts: number;
  /** Watermark physics: whether the sources are suspended now, and for how long they were in the present run. */
  readonly isSuspended: boolean;
  readonly suspendedMs: number;
  readonly operators: readonly OperatorState[];
}

export interface OperatorState {
  readonly name: string;
  readonly role: OperatorRole;
  readonly inputs: readonly string[];
  readonly parallelism: number;
  readonly sourceKind: 'push' | 'kafka' | null;
  readonly reportsBusy: boolean;
  readonly selectivity: number;
  readonly ledger: OperatorLedger;
  readonly instances: readonly InstanceState[];
}

/** Records over the whole simulation, restarts included: received = processed + queued (or backlog) + dropped + lost. */
export interface OperatorLedger {
  readonly received: number;
  readonly processed: number;
  /** To each consumer. */
  readonly emitted: number;
  /** Queued when a restart dropped the queues. */
  readonly dropped: number;
  /** Offered to a push source and not taken. */
  readonly lost: number;
}

export interface InstanceState {
  readonly index: number;
  /** Records in its queue; 0 for sources. */
  readonly queuedRecords: number;
  /** Packets waiting as an engine would report them: the whole work left after the last step, plus what random arrivals leave. */
  readonly pendingPackets: number;
  /** Queue relative to its capacity; above 1 only after a rescale or over a high mark. */
  readonly fill: number;
  /** Kafka sources: records waiting outside; else null. */
  readonly backlogRecords: number | null;
  /** Mean over the last step. */
  readonly lastStep: InstanceRates;
  /** Sums since the present run began. */
  readonly totals: InstanceTotals;
}

/** busy + idle + backpressured = 1000 ms/s. */
export interface InstanceRates {
  readonly busyMsPerSecond: number;
  readonly idleMsPerSecond: number;
  readonly backpressuredMsPerSecond: number;
  /** Watermark physics: time for which this instance's queue suspended the sources. */
  readonly culpritMsPerSecond: number;
  readonly recordsInPerSecond: number;
  readonly recordsOutPerSecond: number;
}

export interface InstanceTotals {
  readonly busyMs: number;
  readonly idleMs: number;
  readonly backpressuredMs: number;
  readonly culpritMs: number;
  readonly recordsIn: number;
  readonly recordsOut: number;
}

export const NO_TOTALS: InstanceTotals = {
  busyMs: 0,
  idleMs: 0,
  backpressuredMs: 0,
  culpritMs: 0,
  recordsIn: 0,
  recordsOut: 0,
};

/** The increase between two looks, per second. */
export function ratesBetween(from: InstanceTotals, to: InstanceTotals, seconds: number): InstanceRates {
  const over = seconds > 0 ? seconds : Infinity;
  return {
    busyMsPerSecond: (to.busyMs - from.busyMs) / over,
    idleMsPerSecond: (to.idleMs - from.idleMs) / over,
    backpressuredMsPerSecond: (to.backpressuredMs - from.backpressuredMs) / over,
    culpritMsPerSecond: (to.culpritMs - from.culpritMs) / over,
    recordsInPerSecond: (to.recordsIn - from.recordsIn) / over,
    recordsOutPerSecond: (to.recordsOut - from.recordsOut) / over,
  };
}
