// A fleet for the status page: topologies in every state that it shows, with what was done about them. Times are just now.
import type { ServiceView, TopologyView } from '../../src/http/service-view.js';
import type { Action } from '../../src/model/action.js';
import type { BlacklistEntry } from '../../src/model/blacklist.js';
import { CHANGES, type Change } from '../../src/model/change.js';
import type { Decision } from '../../src/model/decision.js';
import type { OperatorEvaluation } from '../../src/model/evaluation.js';
import type { OperatorMeasurement } from '../../src/model/measurement.js';
import type { Pause } from '../../src/model/pause.js';
import { RESOLVERS } from '../../src/model/resolver.js';
import {
  NO_SYMPTOMS,
  operatorEvaluation,
  operatorMeasurement,
  scaleUpAction,
  topologyEvaluation,
} from './evaluations.js';

const MINUTE_MS = 60_000;
const missing = { kind: 'missing', because: 'no series' } as const;
const notApplicable = { kind: 'not_applicable' } as const;

export function sampleId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

interface OperatorSketch extends Partial<Omit<OperatorEvaluation, 'measurement'>> {
  readonly inputs: readonly string[] | null;
  readonly parallelism?: number | null;
  readonly measured?: Partial<OperatorMeasurement>;
}

function operator(
  name: string,
  { inputs, parallelism = 2, measured = {}, ...evaluated }: OperatorSketch,
): OperatorEvaluation {
  const isSource = inputs?.length === 0;
  const measurement = operatorMeasurement(name, {
    spec: { name, role: isSource ? 'source' : 'inner', inputs, minParallelism: 1, maxParallelism: 16 },
    parallelism,
    backpressure: { kind: 'measured', mean: 0.004, max: 0.01, sumAboveThreshold: 0 },
    pendingPackets: isSource ? notApplicable : { kind: 'measured', mean: 0.4, max: 0.9, slopePerSecond: 0 },
    processingRate: { kind: 'measured', mean: 512.3, max: 530, min: 498, total: 1024.6, lowestTotal: 990 },
    ...measured,
  });
  return operatorEvaluation(name, {
    measurement,
    suspendedRatio: 0,
    recommendedParallelism: parallelism,
    ...evaluated,
  });
}

/** source → split → count, the middle one too small. */
const heldUp = [
  operator('source', {
    inputs: [],
    measured: {
      backpressure: { kind: 'measured', mean: 0.52, max: 0.55, sumAboveThreshold: 0.55 },
      sourceBacklog: { kind: 'measured', total: 48_200, slopePerSecond: 412.5 },
    },
    symptoms: { ...NO_SYMPTOMS, growing_source_backlog: 'no' },
  }),
  operator('split', {
    inputs: ['source'],
    suspendedRatio: 0.51,
    recommendedParallelism: 5,
    measured: {
      busy: { kind: 'measured', mean: 0.98, max: 1 },
      pendingPackets: { kind: 'measured', mean: 812.5, max: 1290, slopePerSecond: 14.2 },
    },
    symptoms: { ...NO_SYMPTOMS, backpressure: 'yes', growing_pending_packets: 'yes' },
    diagnoses: [{ diagnosis: 'underprovisioning', operatorInstances: [] }],
  }),
  operator('count', {
    inputs: ['split'],
    parallelism: 4,
    symptoms: { ...NO_SYMPTOMS, pending_packets_near_zero: 'yes' },
  }),
];

const branching = [
  operator('clicks', { inputs: [] }),
  operator('impressions', { inputs: [] }),
  operator('parse', { inputs: ['clicks', 'impressions'], parallelism: 4 }),
  operator('sessionise', {
    inputs: ['parse'],
    parallelism: null,
    recommendedParallelism: null,
    suspendedRatio: null,
    measured: { busy: missing, pendingPackets: missing, incompleteBecause: 'a gap in the indices of its instances' },
    symptoms: {
      ...NO_SYMPTOMS,
      backpressure: 'unknown',
      pending_packets_near_zero: 'unknown',
      growing_pending_packets: 'unknown',
    },
    missingSensors: ['pending_packets', 'busy'],
  }),
  operator('alerts', { inputs: ['parse'] }),
  operator('store', { inputs: ['sessionise', 'alerts'] }),
];

const spare = [
  operator('source', { inputs: [] }),
  operator('enrich', {
    inputs: ['source'],
    parallelism: 8,
    recommendedParallelism: 6,
    symptoms: { ...NO_SYMPTOMS, pending_packets_near_zero: 'yes' },
    diagnoses: [{ diagnosis: 'overprovisioning', operatorInstances: [] }],
  }),
];

const well = [operator('source', { inputs: [] }), operator('sink', { inputs: ['source'] })];
const ungraphed = [operator('read', { inputs: null }), operator('write', { inputs: null })];

function settlingAction(nowMs: number): Action {
  return scaleUpAction({
    id: sampleId(1),
    topology: 'checkout',
    operator: 'source',
    state: 'completed',
    claimedAtMs: nowMs - 3 * MINUTE_MS,
    completedAtMs: nowMs - 2.9 * MINUTE_MS,
    currentParallelism: 2,
    desiredParallelism: 4,
  });
}

export interface Fleet {
  readonly topologies: readonly TopologyView[];
  readonly actions: readonly Action[];
  readonly blacklist: readonly BlacklistEntry[];
  readonly pauses: readonly Pause[];
}

/** @param size at least 6: so many topologies, most of them well */
export function sampleFleet(nowMs: number, size = 6): Fleet {
  const view = (
    topology: string,
    operators: readonly OperatorEvaluation[],
    more: Partial<TopologyView> = {},
  ): TopologyView => ({
    topology,
    engine: 'flink',
    mode: 'enforce',
    resolvers: RESOLVERS,
    evaluation: topologyEvaluation(topology, operators, { atMs: nowMs - 12_000, offeredRate: 2100 }),
    openAction: null,
    judging: null,
    lastDecisions: [],
    ...more,
  });
  const decision = (topology: string, more: Partial<Decision>): Decision => ({
    atMs: nowMs - 1.5 * MINUTE_MS,
    topology,
    operator: 'split',
    diagnosis: 'underprovisioning',
    resolver: 'scale_up',
    decision: 'hold',
    reason: 'paused',
    actionId: null,
    ...more,
  });
  const inTrouble = view('wordcount', heldUp, {
    evaluation: topologyEvaluation('wordcount', heldUp, {
      atMs: nowMs - 12_000,
      backpressure: 'yes',
      demand: { kind: 'bounded', ratio: 2.08 },
      offeredRate: 2130,
    }),
    lastDecisions: [
      decision('wordcount', {}),
      decision('wordcount', {
        atMs: nowMs - 47 * MINUTE_MS,
        operator: 'count',
        diagnosis: 'overprovisioning',
        resolver: 'scale_down',
        reason: 'blacklisted',
      }),
    ],
  });
  const others = Array.from({ length: Math.max(0, size - 6) }, (_, index) =>
    view(`orders-${String(index + 1).padStart(3, '0')}`, well),
  );
  return {
    topologies: [
      view('billing', spare, {
        mode: 'dry_run',
        lastDecisions: [
          decision('billing', {
            operator: 'enrich',
            diagnosis: 'overprovisioning',
            resolver: 'scale_down',
            reason: 'dry_run',
          }),
        ],
      }),
      view('checkout', well, {
        openAction: settlingAction(nowMs),
        judging: { phase: 'observing', earliestAtMs: nowMs + 2.2 * MINUTE_MS, waitsUntilMs: nowMs + 27 * MINUTE_MS },
      }),
      view('clickstream', branching, {
        evaluation: topologyEvaluation('clickstream', branching, {
          atMs: nowMs - 12_000,
          backpressure: 'unknown',
          demand: { kind: 'unknown' },
          offeredRate: null,
        }),
      }),
      view('fraud', ungraphed, { mode: 'observe', engine: 'heron' }),
      view('inventory', [], { evaluation: null }),
      ...others,
      inTrouble,
    ],
    actions: [
      settlingAction(nowMs),
      scaleUpAction({
        id: sampleId(2),
        operator: 'count',
        resolver: 'revert',
        diagnosis: 'overprovisioning',
        state: 'judged',
        outcome: 'resolved',
        claimedAtMs: nowMs - 52 * MINUTE_MS,
        judgedAtMs: nowMs - 48 * MINUTE_MS,
        currentParallelism: 3,
        desiredParallelism: 4,
        reverts: sampleId(3),
      }),
      scaleUpAction({
        id: sampleId(3),
        operator: 'count',
        resolver: 'scale_down',
        diagnosis: 'overprovisioning',
        state: 'judged',
        outcome: 'harmful',
        claimedAtMs: nowMs - 60 * MINUTE_MS,
        judgedAtMs: nowMs - 53 * MINUTE_MS,
        currentParallelism: 4,
        desiredParallelism: 3,
        revertedBy: sampleId(2),
      }),
      scaleUpAction({
        id: sampleId(4),
        topology: 'billing',
        operator: 'enrich',
        resolver: 'scale_down',
        diagnosis: 'overprovisioning',
        state: 'judged',
        dryRun: true,
        attempts: 0,
        claimedAtMs: nowMs - 95 * MINUTE_MS,
        judgedAtMs: nowMs - 95 * MINUTE_MS,
        currentParallelism: 8,
        desiredParallelism: 6,
      }),
      scaleUpAction({
        id: sampleId(5),
        topology: 'checkout',
        operator: 'source',
        state: 'judged',
        outcome: 'failed',
        attempts: 5,
        failure: '503 from the webhook',
        claimedAtMs: nowMs - 180 * MINUTE_MS,
        judgedAtMs: nowMs - 175 * MINUTE_MS,
        currentParallelism: 2,
        desiredParallelism: 4,
      }),
    ],
    blacklist: [
      {
        id: sampleId(3),
        topology: 'wordcount',
        operator: 'count',
        diagnosis: 'overprovisioning',
        resolver: 'scale_down',
        cause: 'harmful',
        sinceMs: nowMs - 53 * MINUTE_MS,
        expiresAtMs: nowMs + 23 * 60 * MINUTE_MS,
        state: 'in_force',
      },
      {
        id: sampleId(6),
        topology: 'fraud',
        operator: 'write',
        diagnosis: 'slow_instances',
        resolver: 'restart_instances',
        cause: 'ineffective',
        sinceMs: nowMs - 300 * MINUTE_MS,
        expiresAtMs: null,
        state: 'suspended',
      },
    ],
    pauses: [
      {
        id: sampleId(7),
        topology: 'wordcount',
        resolver: null,
        reason: 'migrating the state backend',
        createdAtMs: nowMs - 20 * MINUTE_MS,
        expiresAtMs: nowMs + 100 * MINUTE_MS,
      },
    ],
  };
}

export interface FleetService extends Partial<ServiceView> {
  /** Tells of this fleet from now on, and that it has changed. */
  become(fleet: Fleet): void;
}

/** A service that tells of this fleet. */
export function serviceOf(fleet: Fleet): FleetService {
  const listeners = new Set<(change: Change) => void>();
  let now = fleet;
  return {
    topologies: () => Promise.resolve(now.topologies),
    topology: (name) => Promise.resolve(now.topologies.find(({ topology }) => topology === name) ?? null),
    actions: () => Promise.resolve(now.actions),
    blacklist: () => Promise.resolve(now.blacklist),
    pauses: () => Promise.resolve(now.pauses),
    onChange: (listener) => {
      listeners.add(listener);
    },
    become: (next) => {
      now = next;
      for (const listener of listeners) for (const change of CHANGES) listener(change);
    },
  };
}
