// PURE: takes the edges of operators without `inputs` from the engine's graph. The graph must have all operators: half a graph
// would make innocent operators culprits.
import type { EngineGraph, EngineVertex } from '../model/engine-graph.js';
import type { OperatorSpec } from '../model/measurement.js';

/** An operator, and the value of the engine's operator label if it has or had series. */
export interface LabelledSpec {
  readonly spec: OperatorSpec;
  readonly label: string | undefined;
}

/**
 * The operators with their inputs: those that feed them directly, or through vertices that are not among the operators. An operator
 * without inputs is a source. Unchanged if the graph is unknown, if some operator has `inputs`, or if the graph lacks one.
 */
export function withGraph<Operator extends LabelledSpec>(
  operators: readonly Operator[],
  graph: EngineGraph | null,
): readonly Operator[] {
  if (graph === null || operators.some(({ spec }) => spec.inputs !== null)) return operators;
  const vertices = operators.map(({ label }) => (label === undefined ? null : graph.vertexOf(label)));
  const names = new Map(operators.map(({ spec }, index) => [vertices[index]?.name, spec.name]));
  // Each operator is a separate vertex.
  if (vertices.includes(null) || names.size < operators.length) return operators;
  return operators.map((operator, index) => {
    const vertex = vertices[index] ?? null;
    const isSource = operator.spec.role === 'source' || vertex === null || vertex.inputs.length === 0;
    const inputs = isSource ? [] : feeding(vertex, graph, names);
    return { ...operator, spec: { ...operator.spec, role: isSource ? 'source' : operator.spec.role, inputs } };
  });
}

function feeding(fed: EngineVertex, { vertices }: EngineGraph, own: ReadonlyMap<string | undefined, string>): string[] {
  const inputsOf = new Map(vertices.map(({ name, inputs }) => [name, inputs]));
  // The list grows during the iteration.
  const visited = new Set(fed.inputs);
  for (const vertex of visited) {
    if (!own.has(vertex)) for (const input of inputsOf.get(vertex) ?? []) visited.add(input);
  }
  visited.delete(fed.name);
  return [...visited].flatMap((vertex) => own.get(vertex) ?? []).sort();
}

/** The operators without those that are gone, which no longer feed others. */
export function withoutGone<Operator extends LabelledSpec>(
  operators: readonly Operator[],
  isGone: (operator: Operator) => boolean,
): readonly Operator[] {
  const gone = new Set(operators.filter(isGone).map(({ spec }) => spec.name));
  if (gone.size === 0) return operators;
  return operators.flatMap((operator) => {
    const { spec } = operator;
    const inputs = spec.inputs?.filter((input) => !gone.has(input)) ?? null;
    return gone.has(spec.name) ? [] : { ...operator, spec: { ...spec, inputs } };
  });
}
