// The graph layout as served to browsers, next to these modules: the package's own bundle.
import type { Dagre } from './layout-graph.js';

export declare const Graph: Dagre['Graph'];
export declare const layout: Dagre['layout'];
