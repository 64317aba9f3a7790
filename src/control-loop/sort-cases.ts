// Which of several alerts on one topology is answered first, in view of a fresh look at it.
import type { TopologyEvaluation } from '../model/evaluation.js';
import { compareUrgency } from '../policy/decide.js';
import type { Case } from './alert-standing.js';

export function sortByUrgency<One extends Case>(
  cases: readonly One[],
  evaluation: TopologyEvaluation | null,
): readonly One[] {
  const keyed = cases.map((one) => {
    const operator = evaluation?.operators.find(({ measurement }) => measurement.spec.name === one.alert.operator);
    return {
      one,
      resolver: one.resolver,
      suspendedRatio: operator?.suspendedRatio ?? null,
      parallelism: operator?.measurement.parallelism ?? null,
    };
  });
  return keyed.sort(compareUrgency).map(({ one }) => one);
}
