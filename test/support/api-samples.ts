// Samples of the service's data in every shape: known, unknown, not applicable; open, over, reverted; with and without end.
import { randomUUID } from 'node:crypto';
import type { LoggedDecision } from '../../src/action-log/log-entries.js';
import { evidenceOf } from '../../src/policy/decision-evidence.js';
import type { HistoryView, ServiceView, TopologyView } from '../../src/http/service-view.js';
import { ACTION_STATES, type Action } from '../../src/model/action.js';
import type { BlacklistEntry } from '../../src/model/blacklist.js';
import { HOLD_REASONS } from '../../src/model/decision.js';
import { OUTCOMES } from '../../src/model/outcome.js';
import type { HistoryRange } from '../../src/model/operator-history.js';
import type { Pause } from '../../src/model/pause.js';
import { ACTION_KINDS, RESOLVERS } from '../../src/model/resolver.js';
import {
  NO_SYMPTOMS,
  operatorEvaluation,
  operatorMeasurement,
  scaleUpAction,
  topologyEvaluation,
} from './evaluations.js';
import { ALL_LINKS, historyView, operatorHistory, pointsOf } from './histories.js';
import { MISSING, NOT_APPLICABLE } from './measurements.js';

/** Ids known to the service below; it knows no others. */
export const KNOWN_ID = '11111111-2222-4333-8444-555555555555';
export const OVER_ID = '99999999-2222-4333-8444-555555555555';

const evaluation = topologyEvaluation('word count/é', [
  operatorEvaluation('source', {
    measurement: operatorMeasurement('source', {
      spec: { name: 'source', role: 'source', inputs: [], minParallelism: 1, maxParallelism: null },
      backpressure: { kind: 'measured', mean: 0.5, max: 1, sumAboveThreshold: 1.5 },
      pendingPackets: NOT_APPLICABLE,
      sourceBacklog: { kind: 'measured', total: 1e9, slopePerSecond: null, largestOfferedRate: null },
    }),
    suspendedRatio: 0,
    diagnoses: [{ diagnosis: 'underprovisioning', operatorInstances: [] }],
  }),
  operatorEvaluation('split', {
    measurement: operatorMeasurement('split', {
      spec: { name: 'split', role: 'inner', inputs: null, minParallelism: 1, maxParallelism: 8 },
      parallelism: null,
      incompleteBecause: 'a gap in the indices',
      backpressure: MISSING,
      pendingPackets: { kind: 'measured', mean: 12.5, max: 20, slopePerSecond: null },
      processingRate: MISSING,
      busy: MISSING,
      outliers: [
        { operatorInstance: '1', pendingPackets: 9, processingRate: null, busy: null },
        { operatorInstance: '2', pendingPackets: 8, processingRate: 1.5, busy: 0.9 },
      ],
    }),
    suspendedRatio: null,
    symptoms: { ...NO_SYMPTOMS, backpressure: 'unknown', pending_packets_skew: 'yes' },
    recommendedParallelism: null,
    missingSensors: ['backpressure', 'processing_rate', 'busy', 'parallelism'],
  }),
]);

export const SAMPLE_DECISIONS: readonly LoggedDecision[] = [null, ...HOLD_REASONS].map((reason) => ({
  atMs: 1_767_000_000_123,
  topology: evaluation.topology,
  operator: 'split',
  diagnosis: 'underprovisioning',
  resolver: reason === 'unknown_topology' ? null : 'scale_up',
  decision: reason === null ? 'act' : 'hold',
  reason,
  actionId: reason === null ? KNOWN_ID : null,
  alertId: 7,
  evidence: reason === 'unknown_topology' ? null : evidenceOf(evaluation, reason === null ? 'split' : 'gone'),
}));

export const SAMPLE_ACTIONS: readonly Action[] = [
  ...ACTION_STATES.map((state) => scaleUpAction({ id: randomUUID(), state })),
  ...ACTION_KINDS.map((resolver) => scaleUpAction({ id: randomUUID(), resolver, failure: '503 from the webhook' })),
  ...OUTCOMES.map((outcome) => scaleUpAction({ id: randomUUID(), state: 'judged', outcome, judgedAtMs: 0 })),
  scaleUpAction({ reverts: KNOWN_ID, revertedBy: OVER_ID, completedAtMs: 0, dryRun: true }),
];

export const SAMPLE_TOPOLOGIES: readonly TopologyView[] = [
  {
    topology: evaluation.topology,
    engine: 'flink',
    mode: 'enforce',
    resolvers: RESOLVERS,
    evaluation,
    openAction: scaleUpAction(),
    judging: { phase: 'observing', earliestAtMs: 60_000, waitsUntilMs: 1_800_000 },
    lastDecisions: SAMPLE_DECISIONS,
  },
  ...([{ kind: 'unbounded' }, { kind: 'unknown' }] as const).map((demand): TopologyView => ({
    topology: demand.kind,
    engine: 'heron',
    mode: 'observe',
    resolvers: [],
    evaluation: { ...evaluation, backpressure: 'unknown', isDraining: 'yes', demand, offeredRate: null },
    openAction: null,
    judging: null,
    lastDecisions: [],
  })),
  {
    topology: 'new',
    engine: 'heron',
    mode: 'dry_run',
    resolvers: ['scale_down'],
    evaluation: null,
    openAction: null,
    judging: null,
    lastDecisions: [],
  },
];

const entry: BlacklistEntry = {
  id: KNOWN_ID,
  topology: 'wordcount',
  operator: 'split',
  diagnosis: 'overprovisioning',
  resolver: 'scale_down',
  cause: 'harmful',
  sinceMs: 1_767_000_000_000,
  expiresAtMs: null,
  state: 'in_force',
  floor: 3,
};
export const SAMPLE_BLACKLIST: readonly BlacklistEntry[] = [
  entry,
  { ...entry, id: OVER_ID, cause: 'ineffective', expiresAtMs: 1_767_086_400_000, state: 'suspended' },
];

const pause: Pause = {
  id: KNOWN_ID,
  topology: null,
  resolver: null,
  reason: 'upgrade',
  createdAtMs: 1_767_000_000_000,
  expiresAtMs: 1_767_003_600_000,
};
export const SAMPLE_PAUSES: readonly Pause[] = [pause, { ...pause, topology: 'wordcount', resolver: 'revert' }];

/** A service with all of these samples. */
function historyOf(name: string, range: HistoryRange | null): HistoryView {
  if (range === '24h') return historyView(name, [], { range, unknownBecause: 'Prometheus is unreachable' });
  const parallelism = pointsOf((place) => (place < 0.5 ? null : 4));
  return historyView(name, [operatorHistory('split', { parallelism })], { links: ALL_LINKS, actions: SAMPLE_ACTIONS });
}

export const SAMPLE_SERVICE: Partial<ServiceView> = {
  topologies: () => Promise.resolve(SAMPLE_TOPOLOGIES),
  topology: (name) => Promise.resolve(SAMPLE_TOPOLOGIES.find(({ topology }) => topology === name) ?? null),
  history: (name, range) =>
    Promise.resolve(SAMPLE_TOPOLOGIES.some(({ topology }) => topology === name) ? historyOf(name, range) : null),
  forgetInstances: ({ operator }) =>
    Promise.resolve(operator === 'nobody' ? null : [{ operator: 'split', parallelism: 4 }]),
  actions: () => Promise.resolve(SAMPLE_ACTIONS),
  action: (id) =>
    Promise.resolve(id === OVER_ID ? scaleUpAction({ id, state: 'judged', outcome: 'resolved', judgedAtMs: 0 }) : null),
  cancelAction: (id) => Promise.resolve(id === KNOWN_ID ? 'cancelled' : id === OVER_ID ? 'over' : 'unknown'),
  decisions: () => Promise.resolve(SAMPLE_DECISIONS),
  blacklist: () => Promise.resolve(SAMPLE_BLACKLIST),
  removeBlacklistEntry: (id) => Promise.resolve(id === KNOWN_ID),
  pauses: () => Promise.resolve(SAMPLE_PAUSES),
  endPause: (id) => Promise.resolve(id === KNOWN_ID),
};
