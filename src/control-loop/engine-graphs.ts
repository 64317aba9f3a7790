// Which topologies get their graph from the engine, and by which webhook: those whose operators were listed without `inputs`, or
// not at all, where a webhook of type flink scales them.
import type { Configuration, FlinkWebhookSettings, WebhookRoutes } from '../config/configuration.js';
import { labelOf, type JobGraph } from '../flink-rest/job-graph.js';
import { createJobGraphs, type JobManager } from '../flink-rest/job-graphs.js';
import type { Logger } from '../logger.js';
import type { HttpClient } from '../outbound/http-client.js';
import type { GraphOf } from '../sensors/assemble-measurements.js';
import type { EngineGraph } from '../sensors/operator-graph.js';

export interface EngineGraphs {
  /** Reads what is not known yet. Never rejects: without a graph all else goes on. */
  refresh(signal: AbortSignal): Promise<void>;
  readonly graphOf: GraphOf;
}

/** @param https by webhook name */
export function createEngineGraphs(
  configuration: Configuration,
  https: ReadonlyMap<string, HttpClient>,
  logger: Logger,
): EngineGraphs {
  const jobManagers = [...configuration.webhooks.values()].flatMap((webhook) =>
    webhook.type === 'flink' ? (jobManagerOf(webhook, configuration, https) ?? []) : [],
  );
  const graphs = createJobGraphs(jobManagers, logger);
  return {
    refresh: (signal) => graphs.refresh(signal),
    graphOf: ({ webhooks }, labelValue) => {
      const graph = graphs.find(scalingWebhook(webhooks), labelValue);
      return graph && engineGraphOf(graph);
    },
  };
}

/** Labels of series as Flink's reporter wrote them, with or without its filter. */
export function engineGraphOf(graph: JobGraph): EngineGraph {
  return {
    vertexOf: (label) => (graph.has(labelOf(label)) ? labelOf(label) : null),
    inputsOf: (vertex) => graph.get(vertex) ?? [],
  };
}

/** null: nobody needs it. */
function jobManagerOf(
  webhook: FlinkWebhookSettings,
  { topologies, discoveries }: Configuration,
  https: ReadonlyMap<string, HttpClient>,
): JobManager | null {
  const http = https.get(webhook.name);
  const isIts = ({ webhooks }: { readonly webhooks: WebhookRoutes }): boolean =>
    scalingWebhook(webhooks) === webhook.name;
  const jobs = topologies
    .filter((topology) => isIts(topology) && !(topology.operators?.some(({ spec }) => spec.inputs !== null) ?? false))
    .map(({ labelValue }) => labelValue);
  const isAll = discoveries.some(isIts);
  if (http === undefined || (jobs.length === 0 && !isAll)) return null;
  return { name: webhook.name, url: webhook.url, timeoutMs: webhook.timeoutMs, http, jobs: isAll ? null : jobs };
}

function scalingWebhook(routes: WebhookRoutes): string {
  return routes.scale_up ?? routes.scale_down ?? '';
}
