// The graphs of topologies with a webhook of type flink, by the labels of their series.
import type { EngineGraph } from '../../model/engine-graph.js';
import type { GraphParts, GraphSource, Scaler } from '../webhook-type.js';
import type { FlinkWebhookSettings } from './flink-settings.js';
import { labelOf, type JobGraph } from './job-graph.js';
import { isBuiltUrl } from './flink-url.js';
import { createJobGraphs } from './job-graphs.js';
import { createLabelledJobManagers } from './labelled-job-managers.js';
import type { JobManager } from './read-jobs.js';

export function createFlinkGraphSource(
  scalers: readonly Scaler<FlinkWebhookSettings>[],
  parts: GraphParts,
): GraphSource {
  const isLabelled = ({ webhook }: Scaler<FlinkWebhookSettings>): boolean => isBuiltUrl(webhook.url);
  const labelled = scalers.filter(isLabelled).map((scaler) => createLabelledJobManagers(scaler, parts));
  const fixed = scalers
    .filter((scaler) => !isLabelled(scaler))
    .map(({ webhook: { name, url, timeoutMs }, http, topologies }) => ({
      name,
      url,
      timeoutMs,
      http,
      jobs: topologies,
    }));
  const jobManagers = (): readonly JobManager[] => [...fixed, ...labelled.flatMap((one) => one.all())];
  const graphs = createJobGraphs({ jobManagers, ...parts });
  return {
    async refresh(signal, only) {
      const due = labelled.filter(({ webhook }) => only?.has(webhook) ?? true);
      await Promise.all(due.map((one) => one.refresh(signal)));
      await graphs.refresh(signal, only);
    },
    find(webhook, topologyLabel) {
      const several = labelled.find((one) => one.webhook === webhook);
      const jobManager = several === undefined ? webhook : several.idOf(topologyLabel);
      const graph = jobManager === null ? null : graphs.find(jobManager, topologyLabel);
      return graph && engineGraphOf(graph);
    },
  };
}

/** Accepts label values with or without the name filter of Flink's reporter. */
export function engineGraphOf(graph: JobGraph): EngineGraph {
  const vertices = new Map(
    [...graph].map(([name, { status, ...vertex }]) => [name, { name, finished: status === 'FINISHED', ...vertex }]),
  );
  return { vertexOf: (label) => vertices.get(labelOf(label)) ?? null, vertices: [...vertices.values()] };
}
