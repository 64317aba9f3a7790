// One look at a topology: measurements ⇒ symptoms ⇒ diagnoses ⇒ what they call for. Decides nothing.
import { attributeBackpressure, topologyBackpressure } from '../detectors/attribute-backpressure.js';
import type { Attribution } from '../detectors/attribution.js';
import { detectSymptoms } from '../detectors/detect-symptoms.js';
import { hasLargeBacklog, isDraining } from '../detectors/growing-source-backlog-detector.js';
import { measureDemand, servedRate } from '../detectors/measure-demand.js';
import { diagnose } from '../diagnosers/diagnose.js';
import type { TopologyFindings } from '../diagnosers/diagnoser.js';
import { DIAGNOSES, type Diagnosis, type DiagnosisName } from '../model/diagnosis.js';
import type { Demand, OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import type { OperatorMeasurement, Reading, SensorName, TopologyMeasurement } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import type { ResolverName } from '../model/resolver.js';
import type { Symptoms } from '../model/symptom.js';
import { or } from '../model/truth.js';
import { planAction } from '../resolvers/resolve.js';
import { scaleDownParallelism } from '../resolvers/scale-down-resolver.js';

/** Which resolver would answer a diagnosis of an operator now. */
export type ResolverChoice = (operator: string, diagnosis: DiagnosisName) => ResolverName;

export function evaluateTopology(
  measurement: TopologyMeasurement,
  settings: PolicySettings,
  resolverFor: ResolverChoice,
): TopologyEvaluation {
  const attributions = attributeBackpressure(measurement, settings.backpressureThreshold);
  const detected = measurement.operators.map((operator) => ({
    operator,
    symptoms: detectSymptoms(operator, { topology: measurement, settings, attributions }),
    missingSensors: missingSensorsOf(operator, measurement),
  }));
  const findings = findingsOf(measurement, settings, detected);
  const demand = measureDemand(measurement, settings.catchUpMs);
  const served = servedRate(measurement);
  return {
    topology: measurement.topology,
    atMs: measurement.atMs,
    backpressure: findings.backpressure,
    demand,
    offeredRate: demand.kind === 'bounded' && served !== null ? demand.ratio * served : null,
    isDraining: findings.isDraining,
    operators: detected.map((found) =>
      evaluateOperator(found, attributions.get(found.operator.spec.name), { findings, demand, settings, resolverFor }),
    ),
  };
}

interface DetectedOperator {
  readonly operator: OperatorMeasurement;
  readonly symptoms: Symptoms;
  readonly missingSensors: readonly SensorName[];
}

interface EvaluationContext {
  readonly findings: TopologyFindings;
  readonly demand: Demand;
  readonly settings: PolicySettings;
  readonly resolverFor: ResolverChoice;
}

function evaluateOperator(
  { operator, symptoms, missingSensors }: DetectedOperator,
  attribution: Attribution | undefined,
  { findings, demand, settings, resolverFor }: EvaluationContext,
): OperatorEvaluation {
  const found = diagnose({
    operator,
    symptoms,
    settings,
    topology: findings,
    smallerParallelism: scaleDownParallelism(operator, settings),
  });
  const diagnoses = DIAGNOSES.flatMap((diagnosis): Diagnosis[] => {
    const { holds, operatorInstances } = found[diagnosis];
    return holds === 'yes' ? [{ diagnosis, operatorInstances }] : [];
  });
  const evaluation: OperatorEvaluation = {
    measurement: operator,
    suspendedRatio: attribution?.suspendedRatio ?? null,
    heldUpBy: attribution?.heldUpBy ?? [],
    symptoms,
    diagnoses,
    recommendedParallelism: operator.incompleteBecause === null ? operator.parallelism : null,
    missingSensors,
  };
  const planned = diagnoses.flatMap((diagnosis) => {
    const resolver = resolverFor(operator.spec.name, diagnosis.diagnosis);
    return planAction(resolver, diagnosis, evaluation, { demand }, settings) ?? [];
  });
  const [first] = planned;
  return first === undefined
    ? evaluation
    : { ...evaluation, recommendedParallelism: first.operators[0].desiredParallelism };
}

function findingsOf(
  measurement: TopologyMeasurement,
  settings: PolicySettings,
  detected: readonly DetectedOperator[],
): TopologyFindings {
  const { operators } = measurement;
  const hasUnknown = detected.some(
    ({ operator, symptoms, missingSensors }) =>
      operator.incompleteBecause !== null ||
      operator.parallelism === null ||
      missingSensors.length > 0 ||
      Object.values(symptoms).includes('unknown'),
  );
  return {
    backpressure: topologyBackpressure(measurement, settings.backpressureThreshold),
    hasCulprit: or(...detected.map(({ symptoms }) => symptoms.backpressure)),
    isDraining: or(...operators.map((operator) => isDraining(operator, settings))),
    hasLargeBacklog: or(...operators.map((operator) => hasLargeBacklog(operator, settings))),
    hasUnknown: hasUnknown || operators.length === 0,
  };
}

function missingSensorsOf(operator: OperatorMeasurement, topology: TopologyMeasurement): readonly SensorName[] {
  const readings: readonly (readonly [SensorName, Reading<unknown>])[] = [
    ['backpressure', operator.backpressure],
    ['pending_packets', operator.pendingPackets],
    ['processing_rate', operator.processingRate],
    ['busy', operator.busy],
    ['source_backlog', operator.sourceBacklog],
    ['topology_suspended', topology.suspendedRatio],
  ];
  const missing = readings.filter(([, reading]) => reading.kind === 'missing').map(([sensor]) => sensor);
  const isCounted = operator.parallelism !== null && operator.incompleteBecause === null;
  return isCounted ? missing : [...missing, 'parallelism'];
}
