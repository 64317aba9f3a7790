// underprovisioning: backpressure that neither skew nor slow instances explain; or a source that falls behind by itself. An
// operator that processes nothing at all is not diagnosed as too small.
import { and, not, or } from '../model/truth.js';
import { diagnoseDataSkew } from './data-skew-diagnoser.js';
import type { Diagnoser } from './diagnoser.js';
import { diagnoseSlowInstances } from './slow-instances-diagnoser.js';

export const diagnoseUnderprovisioning: Diagnoser = (context) => {
  const { symptoms, topology } = context;
  const isTooSmall = and(
    symptoms.backpressure,
    not(diagnoseDataSkew(context).holds),
    not(diagnoseSlowInstances(context).holds),
  );
  const isSlowSource = and(symptoms.growing_source_backlog, not(topology.hasCulprit));
  return { holds: and(or(isTooSmall, isSlowSource), not(symptoms.stalled)), operatorInstances: [] };
};
