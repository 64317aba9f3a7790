// underprovisioning of a follower: it holds nothing up now, but would once the culprit is larger. Both grow in one action.
import { isNextToBe, limitedLoadOf } from '../detectors/limited-load.js';
import { and, not, truthOf, type Truth } from '../model/truth.js';
import type { Diagnoser, DiagnosisContext } from './diagnoser.js';
import { diagnoseDataSkew } from './data-skew-diagnoser.js';
import { diagnoseSlowInstances } from './slow-instances-diagnoser.js';

/** If another operator of the topology is too small for the whole load, an operator with max(f, g) × û > 0.95 follows it. */
export const diagnoseFollower: Diagnoser = (context) => {
  const holds = and(
    context.topology.hasLeader,
    hasAsMuchToDo(context),
    not(context.symptoms.stalled),
    not(diagnoseDataSkew(context).holds),
    not(diagnoseSlowInstances(context).holds),
  );
  return { holds, operatorInstances: [] };
};

function hasAsMuchToDo({ load, topology }: DiagnosisContext): Truth {
  const limited = limitedLoadOf(load, topology.flowLimit);
  return truthOf(limited === null ? null : isNextToBe(limited));
}
