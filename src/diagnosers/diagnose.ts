// All diagnoses of one operator.
import { and, not } from '../model/truth.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import { diagnoseDataSkew } from './data-skew-diagnoser.js';
import type { DiagnosisContext, Finding } from './diagnoser.js';
import { diagnoseOverprovisioning } from './overprovisioning-diagnoser.js';
import { diagnoseSlowInstances } from './slow-instances-diagnoser.js';
import { diagnoseUnderprovisioning } from './underprovisioning-diagnoser.js';

/** None while a backlog is being worked off in time: it makes every operator look too small, slow or skewed. */
export function diagnose(context: DiagnosisContext): Readonly<Record<DiagnosisName, Finding>> {
  const isOver = not(context.topology.isDraining);
  const unlessDraining = ({ holds, operatorInstances }: Finding): Finding => {
    return { holds: and(holds, isOver), operatorInstances };
  };
  return {
    underprovisioning: unlessDraining(diagnoseUnderprovisioning(context)),
    overprovisioning: unlessDraining(diagnoseOverprovisioning(context)),
    slow_instances: unlessDraining(diagnoseSlowInstances(context)),
    data_skew: unlessDraining(diagnoseDataSkew(context)),
  };
}
