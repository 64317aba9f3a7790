// Which topologies get their graph from the engine, and how their operators run, and by which webhook: those that a webhook of type
// flink scales.
import type { Clock } from '../clock.js';
import type { Configuration, FlinkWebhookSettings, WebhookRoutes } from '../config/configuration.js';
import { labelOf, type JobGraph } from '../webhooks/flink/job-graph.js';
import { createJobGraphs } from '../webhooks/flink/job-graphs.js';
import type { JobManager } from '../webhooks/flink/read-jobs.js';
import type { Logger } from '../logger.js';
import type { HttpClient } from '../outbound/http-client.js';
import type { GraphOf } from '../sensors/assemble-measurements.js';
import type { EngineGraph } from '../sensors/operator-graph.js';

export interface EngineGraphs {
  /**
   * Reads what is not known yet or has changed: for every topology, or for those of these rules. Never rejects: without a graph
   * all else goes on.
   */
  refresh(signal: AbortSignal, only?: readonly Routed[]): Promise<void>;
  readonly graphOf: GraphOf;
}

interface Routed {
  readonly webhooks: WebhookRoutes;
}

/** @param https by webhook name */
export function createEngineGraphs(
  configuration: Configuration,
  https: ReadonlyMap<string, HttpClient>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): EngineGraphs {
  const jobManagers = [...configuration.webhooks.values()].flatMap((webhook) =>
    webhook.type === 'flink' ? (jobManagerOf(webhook, configuration, https) ?? []) : [],
  );
  const graphs = createJobGraphs({ jobManagers, clock, logger });
  return {
    refresh: (signal, only) =>
      graphs.refresh(signal, only && new Set(only.map(({ webhooks }) => scalingWebhook(webhooks)))),
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

/** null: nobody needs it. */
function jobManagerOf(
  webhook: FlinkWebhookSettings,
  { topologies, discoveries }: Configuration,
  https: ReadonlyMap<string, HttpClient>,
): JobManager | null {
  const http = https.get(webhook.name);
  const isIts = ({ webhooks }: Routed): boolean => scalingWebhook(webhooks) === webhook.name;
  const jobs = topologies.filter(isIts).map(({ labelValue }) => labelValue);
  const isAll = discoveries.some(isIts);
  if (http === undefined || (jobs.length === 0 && !isAll)) return null;
  return { name: webhook.name, url: webhook.url, timeoutMs: webhook.timeoutMs, http, jobs: isAll ? null : jobs };
}

function scalingWebhook(routes: WebhookRoutes): string {
  return routes.scale_up ?? routes.scale_down ?? '';
}
