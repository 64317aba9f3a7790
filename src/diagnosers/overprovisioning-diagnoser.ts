// overprovisioning: nothing is held up anywhere, nothing waits, records flow, and fewer instances would be enough.
import { and, not, or, truthOf, type Truth } from '../model/truth.js';
import type { Diagnoser, DiagnosisContext } from './diagnoser.js';

export const diagnoseOverprovisioning: Diagnoser = (context) => {
  const { symptoms, topology, settings, operator, canBeSmaller } = context;
  const hasNothingToDo =
    operator.spec.role === 'source' ? isSourceMeasured(context) : symptoms.pending_packets_near_zero;
  return {
    holds: and(
      // Capacity is given away only if the whole topology is known.
      topology.hasUnknown ? 'unknown' : 'yes',
      not(topology.backpressure),
      not(topology.hasLargeBacklog),
      hasNothingToDo,
      or(truthOf(settings.idleScaleDown), processesThroughout(context)),
      canBeSmaller,
    ),
    operatorInstances: [],
  };
};

/** A source's queue is outside it: only its busy ratio together with a known backlog shows that it could be smaller. */
function isSourceMeasured({ operator }: DiagnosisContext): Truth {
  return truthOf(operator.busy.kind === 'measured' && operator.sourceBacklog.kind === 'measured');
}

function processesThroughout({ operator }: DiagnosisContext): Truth {
  if (operator.processingRate.kind !== 'measured') return 'unknown';
  const { lowestTotal } = operator.processingRate;
  return truthOf(lowestTotal === null ? null : lowestTotal > 0);
}
