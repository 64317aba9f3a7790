// PURE: edges for operators that were given none, out of a graph that the engine tells. It knows all operators or says nothing:
// half a graph would make innocent operators culprits.
import type { EngineGraph, VertexFacts } from '../model/engine-graph.js';
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
  graph: EngineGraph | null,
): readonly Operator[] {
  if (graph === null || operators.some(({ spec }) => spec.inputs !== null)) return operators;
  const names = new Map<string, string>();
  for (const { spec, label } of operators) {
    const vertex = label === undefined ? null : graph.vertexOf(label);
    if (vertex === null || names.has(vertex)) return operators;
    names.set(vertex, spec.name);
  }
  // One name for each operator, in their order.
  const vertices = [...names.keys()];
  return operators.map((operator, index) => {
    const vertex = vertices[index] ?? '';
    const isSource = operator.spec.role === 'source' || graph.inputsOf(vertex).length === 0;
    const inputs = isSource ? [] : feeding(vertex, graph, names);
    return { ...operator, spec: { ...operator.spec, role: isSource ? 'source' : operator.spec.role, inputs } };
  });
}

function feeding(vertex: string, graph: EngineGraph, names: ReadonlyMap<string, string>): string[] {
  const found = new Set<string>();
  const visited = new Set([vertex]);
  const waiting = [...graph.inputsOf(vertex)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (visited.has(next)) continue;
    visited.add(next);
    const name = names.get(next);
    if (name === undefined) waiting.push(...graph.inputsOf(next));
    else found.add(name);
  }
  return [...found].sort();
}

/** What the engine says of an operator; null: it does not. */
export function factsOf({ label }: LabelledSpec, graph: EngineGraph | null): VertexFacts | null {
  const vertex = label === undefined ? null : (graph?.vertexOf(label) ?? null);
  return vertex === null ? null : (graph?.factsOf?.(vertex) ?? null);
}

/** The operators without those that are gone, which feed nobody any more. */
export function withoutGone<Operator extends LabelledSpec>(
  operators: readonly Operator[],
  isGone: (operator: Operator) => boolean,
): readonly Operator[] {
  const gone = new Set(operators.filter(isGone).map(({ spec }) => spec.name));
  if (gone.size === 0) return operators;
  return operators
    .filter(({ spec }) => !gone.has(spec.name))
    .map((operator) => {
      const { spec } = operator;
      return { ...operator, spec: { ...spec, inputs: spec.inputs?.filter((input) => !gone.has(input)) ?? null } };
    });
}
