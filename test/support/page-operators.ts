// Operators for the status page: held up, unknown, with room, healthy, and without a graph.
import type { OperatorEvaluation } from '../../src/model/evaluation.js';
import type { OperatorMeasurement } from '../../src/model/measurement.js';
import { NO_SYMPTOMS, operatorEvaluation, operatorMeasurement } from './evaluations.js';
import { MISSING, NOT_APPLICABLE } from './measurements.js';

interface OperatorSketch extends Partial<Omit<OperatorEvaluation, 'measurement'>> {
  readonly inputs: readonly string[] | null;
  readonly parallelism?: number | null;
  readonly measured?: Partial<OperatorMeasurement>;
}

export function pageOperator(
  name: string,
  { inputs, parallelism = 2, measured = {}, ...evaluated }: OperatorSketch,
): OperatorEvaluation {
  const isSource = inputs?.length === 0;
  const measurement = operatorMeasurement(name, {
    spec: { name, role: isSource ? 'source' : 'inner', inputs, minParallelism: 1, maxParallelism: 16 },
    parallelism,
    backpressure: { kind: 'measured', mean: 0.004, max: 0.01, sumAboveThreshold: 0 },
    pendingPackets: isSource ? NOT_APPLICABLE : { kind: 'measured', mean: 0.4, max: 0.9, slopePerSecond: 0 },
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
export const heldUp = [
  pageOperator('source', {
    inputs: [],
    measured: {
      backpressure: { kind: 'measured', mean: 0.52, max: 0.55, sumAboveThreshold: 0.55 },
      sourceBacklog: { kind: 'measured', total: 48_200, slopePerSecond: 412.5, largestOfferedRate: null },
    },
    heldUpBy: ['split'],
    symptoms: { ...NO_SYMPTOMS, growing_source_backlog: 'no' },
  }),
  pageOperator('split', {
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
  pageOperator('count', {
    inputs: ['split'],
    parallelism: 4,
    symptoms: { ...NO_SYMPTOMS, pending_packets_near_zero: 'yes' },
  }),
];

export const branching = [
  pageOperator('clicks', { inputs: [] }),
  pageOperator('impressions', { inputs: [] }),
  pageOperator('parse', { inputs: ['clicks', 'impressions'], parallelism: 4 }),
  pageOperator('sessionise', {
    inputs: ['parse'],
    parallelism: null,
    recommendedParallelism: null,
    suspendedRatio: null,
    measured: { busy: MISSING, pendingPackets: MISSING, incompleteBecause: 'a gap in the indices of its instances' },
    symptoms: {
      ...NO_SYMPTOMS,
      backpressure: 'unknown',
      pending_packets_near_zero: 'unknown',
      growing_pending_packets: 'unknown',
    },
    missingSensors: ['pending_packets', 'busy'],
  }),
  pageOperator('alerts', { inputs: ['parse'] }),
  pageOperator('store', { inputs: ['sessionise', 'alerts'] }),
];

export const spare = [
  pageOperator('source', { inputs: [] }),
  pageOperator('enrich', {
    inputs: ['source'],
    parallelism: 8,
    recommendedParallelism: 6,
    symptoms: { ...NO_SYMPTOMS, pending_packets_near_zero: 'yes' },
    diagnoses: [{ diagnosis: 'overprovisioning', operatorInstances: [] }],
  }),
];

export const well = [pageOperator('source', { inputs: [] }), pageOperator('sink', { inputs: ['source'] })];
export const ungraphed = [pageOperator('read', { inputs: null }), pageOperator('write', { inputs: null })];
