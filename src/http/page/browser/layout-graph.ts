// Lays out operators and their inputs as boxes and lines, with dagre. Pure.
import type { Operator } from './api-types.js';

export interface PlacedOperator {
  readonly operator: Operator;
  /** Position of the box' upper left corner. */
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

/** The used part of the package @dagrejs/dagre, whose own types do not resolve under `nodenext`. */
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

/** null: the inputs of an operator are unknown, or there is no layout. */
export function layoutGraph(
  operators: readonly Operator[],
  direction: 'LR' | 'TB',
  { Graph, layout }: Dagre,
): GraphLayout | null {
  const edges: [string, string][] = [];
  const idOf = new Map(operators.map(({ operator }, index) => [operator, String(index)]));
  for (const { operator, inputs } of operators) {
    if (inputs === null) return null;
    // Its input may not be seen at the moment.
    edges.push(...inputs.filter((input) => idOf.has(input)).map((input): [string, string] => [input, operator]));
  }
  const graph = new Graph();
  graph.setGraph({ rankdir: direction, nodesep: 18, ranksep: 36, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  // Operator names may be any text; dagre's ids may not.
  for (const id of idOf.values()) graph.setNode(id, { ...BOX });
  for (const [from, to] of edges) graph.setEdge(idOf.get(from) ?? '', idOf.get(to) ?? '');
  try {
    layout(graph);
  } catch {
    // The table of operators shows the same data.
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
