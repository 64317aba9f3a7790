// PURE: edges for operators that were given none, out of a graph that the engine tells. It knows all operators or says nothing:
// half a graph would make innocent operators culprits.
import { labelOf, type JobGraph } from '../flink-rest/job-graph.js';
import type { OperatorSpec } from '../model/measurement.js';

/** An operator, and the value of the engine's operator label if its series are or were there. */
export interface LabelledSpec {
  readonly spec: OperatorSpec;
  readonly label: string | undefined;
}

/**
 * The operators with their inputs: what feeds them directly, or through vertices that are not among them. An operator that
 * nothing feeds is a source. As they came where the graph is unknown, some `inputs` were given, or an operator is not in it.
 */
export function withGraph<Operator extends LabelledSpec>(
  operators: readonly Operator[],
  graph: JobGraph | null,
): readonly Operator[] {
  if (graph === null || operators.some(({ spec }) => spec.inputs !== null)) return operators;
  const names = new Map<string, string>();
  for (const { spec, label } of operators) {
    const vertex = label === undefined ? null : labelOf(label);
    if (vertex === null || !graph.has(vertex) || names.has(vertex)) return operators;
    names.set(vertex, spec.name);
  }
  return operators.map((operator) => {
    const vertex = labelOf(operator.label ?? '');
    const isSource = operator.spec.role === 'source' || graph.get(vertex)?.length === 0;
    const inputs = isSource ? [] : feeding(vertex, graph, names);
    return { ...operator, spec: { ...operator.spec, role: isSource ? 'source' : operator.spec.role, inputs } };
  });
}

function feeding(vertex: string, graph: JobGraph, names: ReadonlyMap<string, string>): string[] {
  const found = new Set<string>();
  const visited = new Set([vertex]);
  const waiting = [...(graph.get(vertex) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (visited.has(next)) continue;
    visited.add(next);
    const name = names.get(next);
    if (name === undefined) waiting.push(...(graph.get(next) ?? []));
    else found.add(name);
  }
  return [...found].sort();
}
