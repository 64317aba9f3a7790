// PURE: edges for operators that were given none, out of a graph that the engine tells. It knows all operators or says nothing:
// half a graph would make innocent operators culprits.
import type { EngineGraph, EngineVertex } from '../model/engine-graph.js';
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
  const vertices = operators.map(({ label }) => (label === undefined ? null : graph.vertexOf(label)));
  const names = new Map(operators.map(({ spec }, index) => [vertices[index]?.name, spec.name]));
  // Each is a vertex of its own.
  if (vertices.includes(null) || names.size < operators.length) return operators;
  return operators.map((operator, index) => {
    const vertex = vertices[index] ?? null;
    const isSource = operator.spec.role === 'source' || vertex === null || vertex.inputs.length === 0;
    const inputs = isSource ? [] : feeding(vertex, graph, names);
    return { ...operator, spec: { ...operator.spec, role: isSource ? 'source' : operator.spec.role, inputs } };
  });
}

function feeding(
  fed: EngineVertex,
  { vertices }: EngineGraph,
  names: ReadonlyMap<string | undefined, string>,
): string[] {
  const inputsOf = new Map(vertices.map(({ name, inputs }) => [name, inputs]));
  // Grows while it is gone through.
  const visited = new Set(fed.inputs);
  for (const vertex of visited) {
    if (!names.has(vertex)) for (const input of inputsOf.get(vertex) ?? []) visited.add(input);
  }
  visited.delete(fed.name);
  return [...visited].flatMap((vertex) => names.get(vertex) ?? []).sort();
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
