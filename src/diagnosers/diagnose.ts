// All diagnoses of one operator.
import { and, not, type Truth } from '../model/truth.js';
import type { DiagnosisName } from '../model/diagnosis.js';
import { diagnoseDataSkew } from './data-skew-diagnoser.js';
import type { DiagnosisContext, DiagnosisVerdict } from './diagnoser.js';
import { diagnoseOverprovisioning } from './overprovisioning-diagnoser.js';
import { diagnoseSlowInstances } from './slow-instances-diagnoser.js';
import { diagnoseUnderprovisioning } from './underprovisioning-diagnoser.js';

/**
 * Nothing is diagnosed while a backlog is being worked off in time: that makes every operator look too small, slow or skewed.
 * Nor if the series do not cover the window: it contains a restart.
 */
export function diagnose(context: DiagnosisContext): Readonly<Record<DiagnosisName, DiagnosisVerdict>> {
  const isDecidable = and(not(context.topology.isDraining), isCovered(context));
  const ifDecidable = ({ holds, operatorInstances }: DiagnosisVerdict): DiagnosisVerdict => {
    return { holds: and(holds, isDecidable), operatorInstances };
  };
  return {
    underprovisioning: ifDecidable(diagnoseUnderprovisioning(context)),
    overprovisioning: ifDecidable(diagnoseOverprovisioning(context)),
    slow_instances: ifDecidable(diagnoseSlowInstances(context)),
    data_skew: ifDecidable(diagnoseDataSkew(context)),
  };
}

/** The lowest rate is known only if the instances were there from the window's start. */
export function isCovered({ operator: { processingRate } }: DiagnosisContext): Truth {
  return processingRate.kind === 'measured' && processingRate.lowestTotal === null ? 'unknown' : 'yes';
}
