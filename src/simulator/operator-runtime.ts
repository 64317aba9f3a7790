// One operator of a running simulation: its instances' queues, faults and totals, changed in place step by step. It knows
// nothing of its neighbours; fluid-topology moves the records between operators.
import { keyShares, type HotKey } from './key-skew.js';
import { offeredAt, type OfferedLoad } from './load-curve.js';
import { inputsOf, isSource, type ResolvedSpec, type SimulatedOperator, type SlowInstance } from './topology-spec.js';
import {
  NO_TOTALS,
  ratesBetween,
  type InstanceTotals,
  type OperatorLedger,
  type OperatorState,
} from './topology-state.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Instance {
  /** Queued records; for a source, offered and not yet taken. */
  waiting: number;
  /** Its input in this step if nothing held it up, and its maximum. */
  wanted: number;
  able: number;
  /** Queue left after the step's work, before the step's arrivals. */
  residual: number;
  /** Watermarks: over the high mark, and not yet under the low one again. */
  isOver: boolean;
  totals: Mutable<InstanceTotals>;
  totalsBefore: InstanceTotals;
}

export interface OperatorRuntime {
  readonly spec: SimulatedOperator;
  readonly settings: ResolvedSpec;
  readonly selectivity: number;
  instances: Instance[];
  shares: number[];
  slow: SlowInstance | null;
  hotKey: HotKey | null;
  /** Sources only. */
  offered: OfferedLoad;
  readonly ledger: Mutable<OperatorLedger>;
}

export function createOperatorRuntime(spec: SimulatedOperator, settings: ResolvedSpec): OperatorRuntime {
  const operator: OperatorRuntime = {
    spec,
    settings,
    selectivity: spec.selectivity ?? 1,
    instances: Array.from({ length: spec.parallelism }, () => newInstance(0)),
    shares: [],
    slow: spec.slow ?? null,
    hotKey: spec.hotKey ?? null,
    offered: isSource(spec) ? spec.source.offered : 0,
    ledger: { received: 0, processed: 0, emitted: 0, dropped: 0, lost: 0 },
  };
  refreshShares(operator);
  return operator;
}

/** Redistributes the waiting records over the new number of instances. */
export function resizeOperator(operator: OperatorRuntime, parallelism: number): void {
  const waiting = sumOf(operator.instances, (instance) => instance.waiting);
  operator.instances = Array.from({ length: parallelism }, () => newInstance(0));
  refreshShares(operator);
  for (const [index, instance] of operator.instances.entries())
    instance.waiting = waiting * (operator.shares[index] ?? 0);
}

export function setHotKey(operator: OperatorRuntime, hotKey: HotKey | null): void {
  operator.hotKey = hotKey;
  refreshShares(operator);
}

/**
 * Starts a new run: counters start at 0, and queues are lost if the topology does not keep them. A Kafka backlog always
 * stays.
 */
export function restartOperator(operator: OperatorRuntime): void {
  const dropsQueues = operator.settings.queuesOnRestart === 'dropped' && !isSource(operator.spec);
  operator.instances = operator.instances.map((instance) => {
    if (dropsQueues) operator.ledger.dropped += instance.waiting;
    return newInstance(dropsQueues ? 0 : instance.waiting);
  });
}

/** Records that fit in one instance's queue (watermarks: up to its high mark). */
export function queueCapacity(operator: OperatorRuntime): number {
  const { physics } = operator.settings;
  const ofWork = physics.kind === 'blocking' ? physics.bufferSeconds : physics.highSeconds;
  const packets = operator.spec.pendingCapacity;
  return packets === undefined ? ofWork * operator.spec.capacity : packets * recordsPerPacket(operator);
}

/** Records that the operator can take in without overfilling any instance: with keyed input its fullest one limits it. */
export function freeIntake(operator: OperatorRuntime): number {
  if (operator.settings.physics.kind === 'watermarks') return Infinity;
  const capacity = queueCapacity(operator);
  let intake = Infinity;
  for (const [index, instance] of operator.instances.entries()) {
    const share = operator.shares[index] ?? 0;
    if (share > 0) intake = Math.min(intake, Math.max(0, capacity - instance.waiting) / share);
  }
  return intake;
}

/** A source's input of this step. While the topology restarts, what is offered to a push source is lost. */
export function offerToSource(operator: OperatorRuntime, seconds: number, stepSeconds: number, factor: number): void {
  const offered = offeredAt(operator.offered, seconds) * factor * stepSeconds;
  operator.ledger.received += offered;
  for (const [index, instance] of operator.instances.entries())
    instance.waiting += offered * (operator.shares[index] ?? 0);
}

export function loseWhatWasNotTaken(operator: OperatorRuntime): void {
  if (!isSource(operator.spec) || operator.spec.source.kind !== 'push') return;
  for (const instance of operator.instances) {
    operator.ledger.lost += instance.waiting;
    instance.waiting = 0;
  }
}

/** First half of a step: what every instance would do if nothing held it up. */
export function planWork(operator: OperatorRuntime, stepSeconds: number): void {
  for (const [index, instance] of operator.instances.entries()) {
    const slowness = operator.slow?.index === index ? operator.slow.factor : 1;
    instance.able = (operator.spec.capacity / slowness) * stepSeconds;
    instance.wanted = Math.min(instance.waiting, instance.able);
  }
}

/**
 * Second half: does as much of it as each instance may emit `level` records, and books the time: busy = done / able,
 * backpressured = 1 − done / wanted, idle = the rest. @returns records emitted to each consumer
 */
export function doWork(operator: OperatorRuntime, level: number, isSuspended: boolean, stepSeconds: number): number {
  const most = isSuspended ? 0 : operator.selectivity > 0 ? level / operator.selectivity : Infinity;
  let processed = 0;
  for (const instance of operator.instances) {
    const done = Math.min(instance.wanted, most);
    const busyMs = 1000 * stepSeconds * (done / instance.able);
    const heldUpMs = instance.wanted > 0 ? 1000 * stepSeconds * (1 - done / instance.wanted) : 0;
    instance.waiting -= done;
    instance.residual = instance.waiting;
    instance.totals.busyMs += busyMs;
    instance.totals.backpressuredMs += heldUpMs;
    instance.totals.idleMs += 1000 * stepSeconds - busyMs - heldUpMs;
    instance.totals.recordsIn += done;
    instance.totals.recordsOut += done * operator.selectivity;
    processed += done;
  }
  operator.ledger.processed += processed;
  operator.ledger.emitted += processed * operator.selectivity;
  return processed * operator.selectivity;
}

export function receive(operator: OperatorRuntime, records: number): void {
  operator.ledger.received += records;
  for (const [index, instance] of operator.instances.entries())
    instance.waiting += records * (operator.shares[index] ?? 0);
}

/** Watermarks: whether any instance's queue suspends the sources for the coming step; books that time on it. */
export function bookCulprits(operator: OperatorRuntime, stepSeconds: number): boolean {
  const { physics } = operator.settings;
  if (physics.kind !== 'watermarks' || isSource(operator.spec)) return false;
  const high = queueCapacity(operator);
  const low = high * (physics.lowSeconds / physics.highSeconds);
  let suspends = false;
  for (const instance of operator.instances) {
    instance.isOver = instance.waiting > (instance.isOver ? low : high);
    if (!instance.isOver) continue;
    instance.totals.culpritMs += 1000 * stepSeconds;
    suspends = true;
  }
  return suspends;
}

export function beginAccount(operator: OperatorRuntime): void {
  for (const instance of operator.instances) instance.totalsBefore = { ...instance.totals };
}

/** @param ranSeconds how much of the last step the topology was running */
export function stateOfOperator(operator: OperatorRuntime, ranSeconds: number): OperatorState {
  const { spec, ledger } = operator;
  const source = isSource(spec) ? spec.source : null;
  const capacity = queueCapacity(operator);
  return {
    name: spec.name,
    role: source === null ? 'inner' : 'source',
    inputs: inputsOf(spec),
    parallelism: operator.instances.length,
    sourceKind: source?.kind ?? null,
    reportsBusy: source?.reportsBusy ?? true,
    selectivity: operator.selectivity,
    ledger: { ...ledger },
    instances: operator.instances.map((instance, index) => ({
      index,
      queuedRecords: source === null ? instance.waiting : 0,
      pendingPackets: source === null ? pendingPackets(operator, instance) : 0,
      fill: source === null ? instance.waiting / capacity : 0,
      backlogRecords: source?.kind === 'kafka' ? instance.waiting : null,
      lastStep: ratesBetween(instance.totalsBefore, instance.totals, ranSeconds),
      totals: { ...instance.totals },
    })),
  };
}

function pendingPackets(operator: OperatorRuntime, instance: Instance): number {
  const waiting = instance.residual / recordsPerPacket(operator);
  const load = instance.able > 0 ? instance.wanted / instance.able : 0;
  if (!operator.settings.randomArrivals || load >= 1) return waiting;
  const room = Math.max(0, queueCapacity(operator) - instance.residual) / recordsPerPacket(operator);
  return waiting + Math.min(room, load ** 2 / (2 * (1 - load)));
}

function recordsPerPacket(operator: OperatorRuntime): number {
  return (operator.spec.capacity * operator.settings.packetMs) / 1000;
}

function refreshShares(operator: OperatorRuntime): void {
  operator.shares = keyShares(operator.instances.length, operator.spec.keySkew ?? { kind: 'even' }, operator.hotKey);
}

function newInstance(waiting: number): Instance {
  return {
    waiting,
    wanted: 0,
    able: 0,
    residual: waiting,
    isOver: false,
    totals: { ...NO_TOTALS },
    totalsBefore: NO_TOTALS,
  };
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}
