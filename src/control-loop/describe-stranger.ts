// The probable cause of alerts for an unknown topology, if another topology has an operator of that name.
import type { TopologyEvaluation } from '../model/evaluation.js';

/** null: there is no sign of a mistake in the scrape. */
export function describeStranger(
  { operator }: { readonly operator: string },
  evaluations: readonly TopologyEvaluation[],
): string | null {
  const owner = evaluations.find(({ operators }) =>
    operators.some(({ measurement }) => measurement.spec.name === operator),
  );
  if (owner === undefined) return null;
  return (
    `topology ${owner.topology} has an operator ${operator}: does a target label named topology overwrite that of Dhalion's ` +
    'series? The scrape of Dhalion needs honor_labels: true'
  );
}
