// Base evaluations: one healthy operator, one healthy topology; tests override what they are about.
import type { Action } from '../../src/model/action.js';
import { NO_EXPERIENCE } from '../../src/model/experience.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../../src/model/evaluation.js';
import type { OperatorMeasurement } from '../../src/model/measurement.js';
import type { OperatorLoad } from '../../src/model/operator-load.js';
import type { Symptoms } from '../../src/model/symptom.js';
import { actionWith, changedAction, type ActionChanges } from './actions.js';

export const NO_SYMPTOMS: Symptoms = {
  backpressure: 'no',
  pending_packets_near_zero: 'no',
  pending_packets_skew: 'no',
  processing_rate_skew: 'no',
  stalled: 'no',
  growing_pending_packets: 'no',
  growing_source_backlog: 'no',
};

export function operatorMeasurement(name: string, overrides: Partial<OperatorMeasurement> = {}): OperatorMeasurement {
  return {
    spec: { name, role: 'inner', inputs: ['source'], minParallelism: 1, maxParallelism: 8 },
    inputShares: null,
    parallelism: 2,
    incompleteBecause: null,
    backpressure: { kind: 'measured', mean: 0.1, max: 0.2, sumAboveThreshold: 0.2 },
    pendingPackets: { kind: 'measured', mean: 12.5, max: 20, slopePerSecond: 0 },
    processingRate: { kind: 'measured', mean: 50, max: 60, min: 40, total: 100, lowestTotal: 90 },
    busy: { kind: 'measured', mean: 0.5, max: 0.6 },
    sourceBacklog: { kind: 'not_applicable' },
    outliers: [],
    ...overrides,
  };
}

/** As much is offered as is served. */
export function operatorLoad(overrides: Partial<OperatorLoad> = {}): OperatorLoad {
  return {
    offeredRatio: 1,
    catchUpRatio: 1,
    boundRatio: null,
    fullBusy: 1,
    effectiveBusy: 0.6,
    imbalance: 1.2,
    isClean: true,
    hotKey: null,
    hiddenImbalance: 1,
    neededInstances: 1,
    mayBeRefused: false,
    unsizedBecause: null,
    ...overrides,
  };
}

export function operatorEvaluation(name: string, overrides: Partial<OperatorEvaluation> = {}): OperatorEvaluation {
  return {
    measurement: operatorMeasurement(name),
    suspendedRatio: 0.25,
    heldUpBy: [],
    load: operatorLoad(),
    symptoms: NO_SYMPTOMS,
    diagnoses: [],
    unknownDiagnoses: [],
    recommendedParallelism: 2,
    expectedBusy: 0.6,
    leftAloneBecause: null,
    missingSensors: [],
    ...overrides,
  };
}

export function topologyEvaluation(
  topology: string,
  operators: readonly OperatorEvaluation[],
  overrides: Partial<TopologyEvaluation> = {},
): TopologyEvaluation {
  return {
    topology,
    atMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    backpressure: 'no',
    demand: { kind: 'bounded', ratio: 1 },
    offeredRate: 100,
    isDraining: 'no',
    flowLimit: null,
    experience: NO_EXPERIENCE,
    operators,
    ...overrides,
  };
}

export function scaleUpAction(overrides: ActionChanges = {}): Action {
  const action = actionWith({
    id: '6f1c2f0e-6d3b-4a55-9d0e-0b8f7a3f2c11',
    topology: 'wordcount',
    reason: { suspendedRatio: 0.5, pendingPackets: 812.5, processingRate: 1034.2 },
    claimedAtMs: Date.UTC(2026, 0, 2, 3, 4, 6),
    expiresAtMs: Date.UTC(2026, 0, 2, 3, 9, 6),
    attempts: 1,
    request: { url: 'http://127.0.0.1:8080/scale', method: 'POST', contentType: 'application/json', body: '{}' },
  });
  return changedAction(action, overrides);
}
