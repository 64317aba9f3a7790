// Operators and their inputs ⇒ places of boxes and lines, by dagre. Pure.
import type { Operator } from './api-types.js';

export interface PlacedOperator {
  readonly operator: Operator;
  /** Of the box' upper left corner. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedInput {
  readonly from: string;
  readonly to: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly operators: readonly PlacedOperator[];
  readonly inputs: readonly PlacedInput[];
}

/** What is used of the package @dagrejs/dagre, whose own types do not resolve under `nodenext`. */
export interface Dagre {
  readonly Graph: new () => DagreGraph;
  readonly layout: (graph: DagreGraph) => void;
}

interface DagreGraph {
  setGraph(label: object): unknown;
  setDefaultEdgeLabel(label: () => object): unknown;
  setNode(id: string, label: object): unknown;
  setEdge(from: string, to: string): unknown;
  graph(): { readonly width?: number; readonly height?: number };
  node(id: string): { readonly x: number; readonly y: number };
  edge(from: string, to: string): { readonly points: readonly { readonly x: number; readonly y: number }[] };
}

export const BOX = { width: 176, height: 62 } as const;
const MARGIN = 6;

/** null: of at least one operator it is not known what feeds it, or no layout is found. */
export function layoutGraph(
  operators: readonly Operator[],
  direction: 'LR' | 'TB',
  { Graph, layout }: Dagre,
): GraphLayout | null {
  const edges: [string, string][] = [];
  const idOf = new Map(operators.map(({ operator }, index) => [operator, String(index)]));
  for (const { operator, inputs } of operators) {
    if (inputs === null) return null;
    // What feeds it may itself not be seen just now.
    edges.push(...inputs.filter((input) => idOf.has(input)).map((input): [string, string] => [input, operator]));
  }
  const graph = new Graph();
  graph.setGraph({ rankdir: direction, nodesep: 18, ranksep: 36, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  // Names of operators may be any text; ids of dagre's are not.
  for (const id of idOf.values()) graph.setNode(id, { ...BOX });
  for (const [from, to] of edges) graph.setEdge(idOf.get(from) ?? '', idOf.get(to) ?? '');
  try {
    layout(graph);
  } catch {
    // The table of operators shows all that the graph would.
    return null;
  }
  const { width = 0, height = 0 } = graph.graph();
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    operators: operators.map((operator, index) => {
      const { x, y } = graph.node(String(index));
      return { operator, x: Math.round(x - BOX.width / 2), y: Math.round(y - BOX.height / 2) };
    }),
    inputs: edges.map(([from, to]) => {
      const edge = graph.edge(idOf.get(from) ?? '', idOf.get(to) ?? '');
      return { from, to, points: edge.points.map(({ x, y }) => ({ x: round(x), y: round(y) })) };
    }),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
