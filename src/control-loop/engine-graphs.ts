// The graphs and facts that the engine itself reports, for the topologies that a webhook of type flink scales; and which
// webhook reads them.
import type { Clock } from '../clock.js';
import type { Configuration, FlinkWebhookSettings, WebhookRoutes } from '../config/configuration.js';
import { labelOf, type JobGraph } from '../flink-rest/job-graph.js';
import { createJobGraphs } from '../flink-rest/job-graphs.js';
import type { JobManager } from '../flink-rest/read-jobs.js';
import type { Logger } from '../logger.js';
import type { HttpClient } from '../outbound/http-client.js';
import type { GraphOf } from '../sensors/assemble-measurements.js';
import type { EngineGraph } from '../sensors/operator-graph.js';

export interface EngineGraphs {
  /**
   * Reads what is unknown or has changed: for every topology, or for those with these rules. Never rejects: everything else
   * works without a graph.
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

/** Accepts the labels of series with or without the name filter of Flink's reporter. */
export function engineGraphOf(graph: JobGraph): EngineGraph {
  const vertices = new Map(
    [...graph].map(([name, { status, ...vertex }]) => [name, { name, finished: status === 'FINISHED', ...vertex }]),
  );
  return { vertexOf: (label) => vertices.get(labelOf(label)) ?? null, vertices: [...vertices.values()] };
}

/** null: no topology needs it. */
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
