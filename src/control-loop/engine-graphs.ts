// The graphs that engines report of their topologies, and how the operators run: for the topologies that are scaled by a webhook whose
// type has a source of graphs, or whose graphs are asked of one.
import type { Clock } from '../clock.js';
import type { Configuration, WebhookRoutes } from '../config/configuration.js';
import type { Logger } from '../logger.js';
import type { HttpClient } from '../outbound/http-client.js';
import type { GraphOf } from '../sensors/assemble-measurements.js';
import type { PrometheusClient } from '../sensors/prometheus-client.js';
import { senseTopologyLabels } from '../sensors/call-labels.js';
import type { GraphSource, Scaler } from '../webhooks/webhook-type.js';
import { WEBHOOK_TYPE_NAMES, webhookTypeOf, type WebhookSettings } from '../webhooks/webhook-types.js';

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
  readonly graph: string | null;
}

/** @param https by webhook name */
export function createEngineGraphs(
  configuration: Configuration,
  https: ReadonlyMap<string, HttpClient>,
  parts: { readonly clock: Clock; readonly logger: Logger; readonly client: PrometheusClient },
): EngineGraphs {
  const scalers = [...configuration.webhooks.values()].flatMap(
    (webhook) => scalerOf(webhook, { configuration, https, ...parts }) ?? [],
  );
  const sources = WEBHOOK_TYPE_NAMES.flatMap((type): GraphSource[] => {
    const own = scalers.filter(({ webhook }) => webhook.type === type);
    const source = webhookTypeOf({ type }).createGraphSource?.(own, parts);
    return source === undefined ? [] : [source];
  });
  return {
    async refresh(signal, only) {
      const names = only && new Set(only.map(graphWebhook));
      await Promise.all(sources.map((source) => source.refresh(signal, names)));
    },
    graphOf(configuredBy, labelValue) {
      const name = graphWebhook(configuredBy);
      return sources.reduce<ReturnType<GraphOf>>((found, source) => found ?? source.find(name, labelValue), null);
    },
  };
}

interface ScalerParts {
  readonly configuration: Configuration;
  readonly https: ReadonlyMap<string, HttpClient>;
  readonly client: PrometheusClient;
  readonly clock: Clock;
}

/** null: nobody needs its graphs. */
function scalerOf(
  webhook: WebhookSettings,
  { configuration, https, client, clock }: ScalerParts,
): Scaler<WebhookSettings> | null {
  const http = https.get(webhook.name);
  const isIts = (routed: Routed): boolean => graphWebhook(routed) === webhook.name;
  const listed = configuration.topologies.filter(isIts);
  const discoveries = configuration.discoveries.filter(isIts);
  if (http === undefined || listed.length + discoveries.length === 0) return null;
  return {
    webhook,
    http,
    topologies: discoveries.length > 0 ? null : listed.map(({ labelValue }) => labelValue),
    async senseLabels(labels, signal) {
      const asked = [...configuration.engines.values()].map((engine) => {
        const isOfEngine = ({ engine: name }: { readonly engine: string }): boolean => name === engine.name;
        const selection = {
          labelValues: listed.filter(isOfEngine).map(({ labelValue }) => labelValue),
          patterns: discoveries.filter(isOfEngine).map(({ pattern }) => pattern),
        };
        return senseTopologyLabels(client, engine, { selection, labels }, clock.now(), signal);
      });
      return new Map((await Promise.all(asked)).flatMap((found) => [...found]));
    },
  };
}

function graphWebhook({ webhooks, graph }: Routed): string {
  return graph ?? webhooks.scale_up ?? webhooks.scale_down ?? '';
}
