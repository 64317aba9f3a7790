// All diagnoses of one operator.
import type { DiagnosisName } from '../model/diagnosis.js';
import { diagnoseDataSkew } from './data-skew-diagnoser.js';
import type { DiagnosisContext, Finding } from './diagnoser.js';
import { diagnoseOverprovisioning } from './overprovisioning-diagnoser.js';
import { diagnoseSlowInstances } from './slow-instances-diagnoser.js';
import { diagnoseUnderprovisioning } from './underprovisioning-diagnoser.js';

export function diagnose(context: DiagnosisContext): Readonly<Record<DiagnosisName, Finding>> {
  return {
    underprovisioning: diagnoseUnderprovisioning(context),
    overprovisioning: diagnoseOverprovisioning(context),
    slow_instances: diagnoseSlowInstances(context),
    data_skew: diagnoseDataSkew(context),
  };
}
