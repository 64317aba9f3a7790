// The graphs of the topologies that webhooks of type flink scale, in the words of those who sense: by the labels of their series.
import type { EngineGraph } from '../../model/engine-graph.js';
import type { GraphParts, GraphSource, Scaler } from '../webhook-type.js';
import type { FlinkWebhookSettings } from './flink-settings.js';
import { labelOf, type JobGraph } from './job-graph.js';
import { createJobGraphs } from './job-graphs.js';

export function createFlinkGraphSource(
  scalers: readonly Scaler<FlinkWebhookSettings>[],
  parts: GraphParts,
): GraphSource {
  const jobManagers = scalers.map(({ webhook: { name, url, timeoutMs }, http, topologies }) => ({
    name,
    url,
    timeoutMs,
    http,
    jobs: topologies,
  }));
  const graphs = createJobGraphs({ jobManagers, ...parts });
  return {
    refresh: graphs.refresh,
    find(webhook, topologyLabel) {
      const graph = graphs.find(webhook, topologyLabel);
      return graph && engineGraphOf(graph);
    },
  };
}

/** Labels of series as Flink's reporter wrote them, with or without its filter. */
export function engineGraphOf(graph: JobGraph): EngineGraph {
  return {
    vertexOf: (label) => (graph.has(labelOf(label)) ? labelOf(label) : null),
    inputsOf: (vertex) => graph.get(vertex)?.inputs ?? [],
    labels: () => [...graph.keys()],
    factsOf(name) {
      const vertex = graph.get(name);
      if (vertex === undefined) return null;
      const { status, parallelism, maxParallelism } = vertex;
      return { finished: status === 'FINISHED', parallelism, maxParallelism };
    },
  };
}
