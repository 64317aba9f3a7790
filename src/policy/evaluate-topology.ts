// One look at a topology: measurements ⇒ symptoms ⇒ diagnoses ⇒ what they call for. Decides nothing.
import { attributeBackpressure, topologyBackpressure } from '../detectors/attribute-backpressure.js';
import type { Attribution } from '../detectors/attribution.js';
import { detectSymptoms } from '../detectors/detect-symptoms.js';
import { hasLargeBacklog, isDraining } from '../detectors/growing-source-backlog-detector.js';
import { expectedBusyOf } from '../detectors/limited-load.js';
import { measureDemand, offeredRateOf } from '../detectors/measure-demand.js';
import { measureLoads } from '../detectors/measure-loads.js';
import { diagnoseTopology, type OperatorDiagnoses, type TopologyDiagnoses } from '../diagnosers/diagnose-topology.js';
import type { TopologyConditions } from '../diagnosers/diagnoser.js';
import { DIAGNOSES, type Diagnosis, type DiagnosisName } from '../model/diagnosis.js';
import type { OperatorEvaluation, TopologyEvaluation } from '../model/evaluation.js';
import { NO_EXPERIENCE, type Experience } from '../model/experience.js';
import {
  knownParallelism,
  READINGS,
  type OperatorMeasurement,
  type SensorName,
  type TopologyMeasurement,
} from '../model/measurement.js';
import type { FlowLimit, OperatorLoad } from '../model/operator-load.js';
import type { PolicySettings } from '../model/policy-settings.js';
import { RESOLVERS, type PlannedOperator, type ResolverName } from '../model/resolver.js';
import type { Symptoms } from '../model/symptom.js';
import { or, type Truth } from '../model/truth.js';
import type { PlanContext } from '../resolvers/plan-context.js';
import { planAction } from '../resolvers/resolve.js';
import { scaleDownSize, type ScaleDownSize } from '../resolvers/scale-down-resolver.js';

const NOTHING_KNOWN: OperatorDiagnoses = { diagnoses: [], unknownDiagnoses: DIAGNOSES };

/** Which resolver would answer a diagnosis of an operator now. */
export type ResolverChoice = (operator: string, diagnosis: DiagnosisName) => ResolverName;

export function evaluateTopology(
  measurement: TopologyMeasurement,
  settings: PolicySettings,
  resolverFor: ResolverChoice,
  experience: Experience = NO_EXPERIENCE,
): TopologyEvaluation {
  const attributions = attributeBackpressure(measurement, settings.backpressureThreshold);
  const { loads, flowLimit } = measureLoads(measurement, attributions, settings, experience);
  const detected = measurement.operators.flatMap((operator): DetectedOperator[] => {
    const load = loads.get(operator.spec.name);
    if (load === undefined) return [];
    const symptoms = detectSymptoms(operator, { topology: measurement, settings, attributions });
    const attribution = attributions.get(operator.spec.name);
    const suspendedRatio = attribution?.suspendedRatio ?? null;
    const missingSensors = missingSensorsOf(operator, measurement);
    return [{ measurement: operator, attribution, suspendedRatio, load, symptoms, missingSensors }];
  });
  const demand = measureDemand(measurement, settings.catchUpMs);
  // The recommendation ignores the blacklist, and with it the floors that harmful scale-downs left.
  const context: PlanContext = {
    operators: detected,
    demand,
    experience: { ...experience, floors: new Map() },
    settings,
  };
  const conditions = { ...conditionsOf(measurement, settings, detected), flowLimit };
  const sizes = new Map(detected.map((one) => [one.measurement.spec.name, scaleDownSize(one, context)]));
  const subjects = detected.map(({ measurement: operator, symptoms, load }) => {
    return { operator, symptoms, load, canBeSmaller: truthOfSize(sizes.get(operator.spec.name)) };
  });
  const diagnoses = diagnoseTopology(subjects, conditions, settings, (names) => isScaleDownWorthIt(names, context));
  const planned = planAll(diagnoses, resolverFor, context);
  return {
    topology: measurement.topology,
    atMs: measurement.atMs,
    backpressure: conditions.backpressure,
    demand,
    offeredRate: offeredRateOf(measurement.operators, loads),
    isDraining: conditions.isDraining,
    flowLimit,
    experience,
    operators: detected.map((one) => {
      const { name } = one.measurement.spec;
      const plan = planned.get(name);
      return evaluationOf(one, diagnoses.get(name) ?? NOTHING_KNOWN, { plan, flowLimit, size: sizes.get(name) });
    }),
  };
}

interface DetectedOperator {
  readonly measurement: OperatorMeasurement;
  readonly attribution: Attribution | undefined;
  readonly suspendedRatio: number | null;
  readonly load: OperatorLoad;
  readonly symptoms: Symptoms;
  readonly missingSensors: readonly SensorName[];
}

/** What all diagnoses together call for, by operator, as if an alert for each had arrived. */
function planAll(
  diagnoses: TopologyDiagnoses,
  resolverFor: ResolverChoice,
  context: PlanContext,
): ReadonlyMap<string, PlannedOperator> {
  const asking = [...diagnoses].flatMap(([operator, own]) =>
    own.diagnoses.map((diagnosis) => ({ operator, diagnosis, resolver: resolverFor(operator, diagnosis.diagnosis) })),
  );
  const planned = new Map<string, PlannedOperator>();
  for (const resolver of RESOLVERS) {
    const own = asking.filter((one) => one.resolver === resolver);
    const plan = own.length === 0 ? null : planAction(resolver, own, new Set(), context);
    for (const one of plan?.operators ?? []) if (!planned.has(one.operator)) planned.set(one.operator, one);
  }
  return planned;
}

function isScaleDownWorthIt(names: readonly string[], context: PlanContext): boolean {
  const diagnosis: Diagnosis = { diagnosis: 'overprovisioning', operatorInstances: [] };
  const asking = names.map((operator) => ({ operator, diagnosis }));
  return planAction('scale_down', asking, new Set(), context) !== null;
}

function truthOfSize(size: ScaleDownSize | undefined): Truth {
  if (size === undefined || size.kind === 'wait') return 'unknown';
  return size.kind === 'smaller' ? 'yes' : 'no';
}

interface Concluded {
  readonly plan: PlannedOperator | undefined;
  readonly flowLimit: FlowLimit | null;
  readonly size: ScaleDownSize | undefined;
}

function evaluationOf(
  { measurement, attribution, suspendedRatio, load, symptoms, missingSensors }: DetectedOperator,
  { diagnoses, unknownDiagnoses }: OperatorDiagnoses,
  { plan, flowLimit, size }: Concluded,
): OperatorEvaluation {
  const recommendedParallelism = plan?.desiredParallelism ?? knownParallelism(measurement);
  const because = load.unsizedBecause ?? (size?.kind === 'wait' ? size.because : null);
  return {
    measurement,
    suspendedRatio,
    heldUpBy: attribution?.heldUpBy ?? [],
    load,
    symptoms,
    diagnoses,
    unknownDiagnoses,
    recommendedParallelism,
    expectedBusy: expectedBusyOf(measurement, load, flowLimit, recommendedParallelism),
    leftAloneBecause: plan === undefined ? because : null,
    missingSensors,
  };
}

function conditionsOf(
  topology: TopologyMeasurement,
  settings: PolicySettings,
  detected: readonly DetectedOperator[],
): Omit<TopologyConditions, 'hasLeader' | 'flowLimit'> {
  const { operators } = topology;
  const hasUnknown = detected.some(
    ({ measurement, symptoms, missingSensors }) =>
      measurement.incompleteBecause !== null ||
      measurement.parallelism === null ||
      missingSensors.length > 0 ||
      Object.values(symptoms).includes('unknown'),
  );
  return {
    backpressure: topologyBackpressure(topology, settings.backpressureThreshold),
    hasCulprit: or(...detected.map(({ symptoms }) => symptoms.backpressure)),
    isDraining: or(...operators.map((operator) => isDraining(operator, settings, topology.windowMs))),
    hasLargeBacklog: or(...operators.map((operator) => hasLargeBacklog(operator, settings))),
    hasUnknown: hasUnknown || operators.length === 0,
  };
}

function missingSensorsOf(operator: OperatorMeasurement, topology: TopologyMeasurement): readonly SensorName[] {
  const missing = READINGS.filter(([reading]) => operator[reading].kind === 'missing').map(([, sensor]) => sensor);
  if (topology.suspendedRatio.kind === 'missing') missing.push('topology_suspended');
  const isCounted = operator.parallelism !== null && operator.incompleteBecause === null;
  return isCounted ? missing : [...missing, 'parallelism'];
}
