import t from 'tap';
import { renderAction, renderBlacklistEntry, renderPause, renderTopology } from '../../src/http/json-views.js';
import type { TopologyView } from '../../src/http/service-view.js';
import { NOT_SETTLED } from '../../src/model/action.js';
import { KNOWN_ID, SAMPLE_BLACKLIST, SAMPLE_PAUSES } from '../support/api-samples.js';
import { operatorWith, type ActionChanges } from '../support/actions.js';
import {
  NO_SYMPTOMS,
  operatorEvaluation,
  operatorMeasurement,
  scaleUpAction,
  topologyEvaluation,
} from '../support/evaluations.js';

const VIEW: TopologyView = {
  topology: 'wordcount',
  engine: 'flink',
  mode: 'enforce',
  resolvers: ['scale_up'],
  evaluation: null,
  openAction: null,
  judging: null,
  lastDecisions: [],
};

await t.test('an action has the fields of the contract and what its call met with, and no others', (t) => {
  const heldUpBy = 'FlinkDeployment prod/wordcount is UPGRADING';
  const settling = { ...NOT_SETTLED, heldUpBy, engineWaitMs: 180_000 };
  t.strictSame(renderAction(scaleUpAction({ completedAtMs: 0, failure: 'x', webhook: 'secret', settling })), {
    id: '6f1c2f0e-6d3b-4a55-9d0e-0b8f7a3f2c11',
    topology: 'wordcount',
    operators: [
      {
        operator: 'split',
        diagnosis: 'underprovisioning',
        current_parallelism: 2,
        desired_parallelism: 4,
        operator_instances: [],
        counts_against: null,
        reason: {
          suspended_ratio: 0.5,
          offered_ratio: null,
          effective_busy: null,
          expected_busy: null,
          needed_instances: null,
          pending_packets: 812.5,
          processing_rate: 1034.2,
        },
      },
    ],
    operator: 'split',
    resolver: 'scale_up',
    diagnosis: 'underprovisioning',
    state: 'claimed',
    outcome: null,
    current_parallelism: 2,
    desired_parallelism: 4,
    reverts: null,
    reverted_by: null,
    claimed_at: '2026-01-02T03:04:06.000Z',
    completed_at: '1970-01-01T00:00:00.000Z',
    judged_at: null,
    attempts: 1,
    reason: {
      suspended_ratio: 0.5,
      pending_packets: 812.5,
      processing_rate: 1034.2,
      source_backlog: null,
      offered_rate: null,
    },
    dry_run: false,
    failure: 'x',
    held_up_by: 'FlinkDeployment prod/wordcount is UPGRADING',
    engine_waits_until: '1970-01-01T00:03:00.000Z',
  });
  t.end();
});

await t.test('an action that was of no use says whom it counts against', (t) => {
  const operators = [operatorWith(), operatorWith({ operator: 'count', desiredParallelism: 8 })] as const;
  const against = (more: ActionChanges) =>
    renderAction(scaleUpAction({ operators, ...more })).operators.map((one) => [one.operator, one.counts_against]);
  t.strictSame(against({ outcome: 'ineffective', blamed: ['split'] }), [
    ['split', true],
    ['count', false],
  ]);
  t.strictSame(against({ outcome: 'harmful' }), [
    ['split', true],
    ['count', true],
  ]);
  t.strictSame(against({ outcome: 'resolved' }), [
    ['split', null],
    ['count', null],
  ]);
  t.end();
});

await t.test('a blacklist entry that ends when it is removed has no end', (t) => {
  const [entry] = SAMPLE_BLACKLIST;
  t.strictSame(entry && renderBlacklistEntry(entry), {
    id: KNOWN_ID,
    topology: 'wordcount',
    operator: 'split',
    diagnosis: 'overprovisioning',
    resolver: 'scale_down',
    cause: 'harmful',
    since: '2025-12-29T09:20:00.000Z',
    expires_at: null,
    state: 'in_force',
    floor: 3,
  });
  t.end();
});

await t.test('a pause says until when', (t) => {
  const [pause] = SAMPLE_PAUSES;
  t.strictSame(pause && renderPause(pause), {
    id: KNOWN_ID,
    topology: null,
    resolver: null,
    reason: 'upgrade',
    created_at: '2025-12-29T09:20:00.000Z',
    expires_at: '2025-12-29T10:20:00.000Z',
  });
  t.end();
});

await t.test('a topology that was not evaluated yet is all unknown', (t) => {
  t.strictSame(renderTopology(VIEW), {
    topology: 'wordcount',
    engine: 'flink',
    mode: 'enforce',
    resolvers: ['scale_up'],
    evaluated_at: null,
    backpressure: 'unknown',
    draining: 'unknown',
    demand: null,
    offered_rate: null,
    flow_limit: null,
    open_action: null,
    judging: null,
    last_decisions: [],
    operators: [],
  });
  t.end();
});

await t.test('measured, missing and not applicable values of an operator are distinguished', (t) => {
  const operator = operatorEvaluation('split', {
    measurement: operatorMeasurement('split', {
      busy: { kind: 'missing', because: 'no series' },
      outliers: [{ operatorInstance: '1', pendingPackets: 9, processingRate: null, busy: null }],
    }),
    heldUpBy: ['count'],
    symptoms: { ...NO_SYMPTOMS, pending_packets_skew: 'unknown' },
    diagnoses: [{ diagnosis: 'slow_instances', operatorInstances: ['1'] }],
    missingSensors: ['busy'],
  });
  const { operators } = renderTopology({ ...VIEW, evaluation: topologyEvaluation('wordcount', [operator]) });
  t.strictSame(operators, [
    {
      operator: 'split',
      role: 'inner',
      inputs: ['source'],
      min_parallelism: 1,
      max_parallelism: 8,
      input_shares: null,
      parallelism: 2,
      recommended_parallelism: 2,
      suspended_ratio: 0.25,
      held_up_by: ['count'],
      offered_ratio: 1,
      effective_busy: 0.6,
      expected_busy: 0.6,
      needed_instances: 1,
      left_alone_because: null,
      symptoms: { ...NO_SYMPTOMS, pending_packets_skew: 'unknown' },
      diagnoses: ['slow_instances'],
      measurements: {
        backpressure: { mean: 0.1, max: 0.2 },
        pending_packets: { mean: 12.5, max: 20, slope_per_second: 0 },
        processing_rate: { mean: 50, max: 60, min: 40, total: 100 },
        busy: null,
      },
      outliers: [{ operator_instance: '1', pending_packets: 9, processing_rate: null, busy: null }],
      missing_sensors: ['busy'],
      incomplete_because: null,
    },
  ]);
  t.end();
});

await t.test('demand is a ratio, unbounded, or unknown', (t) => {
  const demandOf = (demand: NonNullable<TopologyView['evaluation']>['demand']) =>
    renderTopology({ ...VIEW, evaluation: topologyEvaluation('wordcount', [], { demand }) }).demand;
  t.equal(demandOf({ kind: 'bounded', ratio: 1.5 }), 1.5);
  t.equal(demandOf({ kind: 'unbounded' }), 'unbounded');
  t.equal(demandOf({ kind: 'unknown' }), null);
  t.end();
});
