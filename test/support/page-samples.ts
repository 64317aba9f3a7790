// A fleet for the status page: topologies in every state, with their actions. Times are just now.
import type { TopologyView } from '../../src/http/service-view.js';
import type { Action } from '../../src/model/action.js';
import type { BlacklistEntry } from '../../src/model/blacklist.js';
import type { Decision } from '../../src/model/decision.js';
import type { OperatorEvaluation } from '../../src/model/evaluation.js';
import type { Pause } from '../../src/model/pause.js';
import { RESOLVERS } from '../../src/model/resolver.js';
import { operatorWith, reasonWith } from './actions.js';
import { scaleUpAction, topologyEvaluation } from './evaluations.js';
import { branching, heldUp, spare, ungraphed, well } from './page-operators.js';

const MINUTE_MS = 60_000;

export function sampleId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

function settlingAction(nowMs: number): Action {
  return scaleUpAction({
    id: sampleId(1),
    topology: 'checkout',
    operators: [
      operatorWith({
        operator: 'source',
        currentParallelism: 4,
        desiredParallelism: 9,
        reason: reasonWith({
          suspendedRatio: 0.55,
          pendingPackets: 640,
          processingRate: 3100,
          offeredRatio: 1.8,
          expectedBusy: 0.82,
          neededInstances: 7.3,
        }),
      }),
      operatorWith({
        operator: 'sink',
        currentParallelism: 2,
        desiredParallelism: 4,
        reason: reasonWith({
          suspendedRatio: 0,
          pendingPackets: 3,
          processingRate: 3100,
          offeredRatio: 1.8,
          expectedBusy: 0.79,
          neededInstances: 3.1,
        }),
      }),
    ],
    state: 'completed',
    claimedAtMs: nowMs - 3 * MINUTE_MS,
    completedAtMs: nowMs - 2.9 * MINUTE_MS,
  });
}

export interface Fleet {
  readonly topologies: readonly TopologyView[];
  readonly actions: readonly Action[];
  readonly blacklist: readonly BlacklistEntry[];
  readonly pauses: readonly Pause[];
}

/** @param size at least 6: number of topologies, most of them healthy */
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
        floor: 6,
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
        floor: null,
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
