// Builds the configuration from a file without faults: fills in defaults, merges layers, converts durations to ms.
import type { OperatorRole } from '../model/measurement.js';
import type { PolicySettings } from '../model/policy-settings.js';
import type { BuiltInEngines } from './check-context.js';
import type {
  Configuration,
  Discovery,
  ListedOperator,
  LinkAddresses,
  ListedTopology,
  PrometheusSettings,
  WebhookRoutes,
} from './configuration.js';
import {
  alertsSchema,
  configSchema,
  limitsSchema,
  prometheusSchema,
  storageSchema,
  type ConfigurationFile,
} from './config-schema.js';
import { durationMs } from '../grammar/duration.js';
import { buildEngine, mergeEngineEntries } from './engine-merge.js';
import type { EngineEntry } from './engine-schema.js';
import { buildHttpConfig } from './build-http-config.js';
import { createLabelPattern, createLiteralPattern } from './label-pattern.js';
import { mergePolicy } from './policy-merge.js';
import type { PolicyLayer } from './policy-schema.js';
import type { OperatorEntry, TopologyEntry } from './topology-schema.js';
import { webhookTypeOf, type WebhookSettings } from '../webhooks/webhook-types.js';
import { webhookSchema, type WebhookEntry } from './webhook-schema.js';

/** @param file checked: every name in it exists. */
export function buildConfiguration(file: ConfigurationFile, builtInEngines: BuiltInEngines): Configuration {
  const evaluationIntervalMs = durationMs(
    file.evaluation_interval ?? configSchema.properties.evaluation_interval.default,
  );
  const windowMs = file.window === undefined ? evaluationIntervalMs : durationMs(file.window);
  const entries = usedEngines(file, builtInEngines);
  const engines = new Map([...entries].map(([name, entry]) => [name, buildEngine(name, entry, windowMs)]));
  const policyOf = (topology: TopologyEntry): PolicySettings =>
    mergePolicy(policyLayersOf(file, builtInEngines, topology), {
      windowMs,
      seriesTtlMs: engines.get(topology.engine)?.seriesTtlMs ?? 0,
      hasWebhook: Object.keys(routesOf(topology.webhook ?? null)).length > 0,
    });
  const storage = file.storage ?? {};
  return {
    prometheus: prometheusOf(file.prometheus),
    evaluationIntervalMs,
    windowMs,
    storage: {
      path: storage.path ?? storageSchema.properties.path.default,
      postgresUrlFile: storage.postgres_url_file ?? storageSchema.properties.postgres_url_file.default,
      retentionMs: durationMs(storage.retention ?? storageSchema.properties.retention.default),
    },
    limits: limitsOf(file.limits ?? {}),
    alerts: {
      alertname: createLabelPattern(file.alerts?.alertname ?? alertsSchema.properties.alertname.default),
    },
    links: linksOf(file),
    webhooks: new Map(Object.entries(file.webhooks ?? {}).map(([name, entry]) => [name, webhookOf(name, entry)])),
    engines,
    topologies: file.topologies.flatMap((entry) => listedTopology(entry, policyOf)),
    discoveries: file.topologies.flatMap((entry) => discovery(entry, policyOf)),
  };
}

/** Least specific first. A built-in engine's settings are defaults: the file overrides them. */
function policyLayersOf(
  { policy, engines = {} }: ConfigurationFile,
  builtInEngines: BuiltInEngines,
  topology: TopologyEntry,
): PolicyLayer[] {
  const { engine } = topology;
  const own = Object.hasOwn(engines, engine) ? engines[engine]?.policy : undefined;
  const builtIn = Object.hasOwn(builtInEngines, engine) ? builtInEngines[engine]?.policy : undefined;
  return [builtIn ?? {}, policy ?? {}, own ?? {}, topology.policy ?? {}];
}

function usedEngines(file: ConfigurationFile, builtInEngines: BuiltInEngines): Map<string, EngineEntry> {
  const own = file.engines ?? {};
  const entryOf = (entries: BuiltInEngines, name: string): EngineEntry =>
    Object.hasOwn(entries, name) ? (entries[name] ?? {}) : {};
  const names = new Set(file.topologies.map(({ engine }) => engine));
  return new Map(
    [...names].map((name) => [name, mergeEngineEntries(entryOf(builtInEngines, name), entryOf(own, name))]),
  );
}

function prometheusOf(entry: ConfigurationFile['prometheus']): PrometheusSettings {
  const defaults = prometheusSchema.properties;
  return {
    url: withoutSlash(entry.url),
    timeoutMs: durationMs(entry.timeout ?? defaults.timeout.default),
    method: entry.method ?? defaults.method.default,
    queryParams: entry.query_params ?? defaults.query_params.default,
    ownMatchers: entry.own_matchers ?? defaults.own_matchers.default,
    http: buildHttpConfig(entry.http_config ?? {}),
  };
}

function linksOf(file: ConfigurationFile): LinkAddresses {
  const { properties } = configSchema;
  const given = {
    prometheus: file.prometheus.external_url ?? prometheusSchema.properties.external_url.default,
    alertmanager: file.alertmanager_url ?? properties.alertmanager_url.default,
    grafana: file.grafana_url ?? properties.grafana_url.default,
  };
  return {
    prometheus: given.prometheus && withoutSlash(given.prometheus),
    alertmanager: given.alertmanager && withoutSlash(given.alertmanager),
    grafana: given.grafana && withoutSlash(given.grafana),
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function limitsOf(entry: NonNullable<ConfigurationFile['limits']>): Configuration['limits'] {
  const defaults = limitsSchema.properties;
  return {
    maxOpenActions: entry.max_open_actions ?? defaults.max_open_actions.default,
    maxActionsPerHour: entry.max_actions_per_hour ?? defaults.max_actions_per_hour.default,
    maxScaleDownShare: entry.max_scale_down_share ?? defaults.max_scale_down_share.default,
  };
}

function webhookOf(name: string, entry: WebhookEntry): WebhookSettings {
  const defaults = webhookSchema.properties;
  const common = {
    name,
    timeoutMs: durationMs(entry.timeout ?? defaults.timeout.default),
    maxAttempts: entry.max_attempts ?? defaults.max_attempts.default,
    expiresAfterMs: durationMs(entry.expires_after ?? defaults.expires_after.default),
    http: buildHttpConfig(entry.http_config ?? {}),
  };
  return webhookTypeOf({ type: entry.type ?? defaults.type.default }).settingsOf(common, entry);
}

type PolicyOf = (topology: TopologyEntry) => PolicySettings;

function listedTopology(entry: TopologyEntry, policyOf: PolicyOf): ListedTopology[] {
  if (entry.name === undefined) return [];
  const policy = policyOf(entry);
  return [
    {
      name: entry.name,
      engine: entry.engine,
      labelValue: entry.label_value ?? entry.name,
      operators: entry.operators === undefined ? null : operatorsOf(entry.operators, policy),
      webhooks: routesOf(entry.webhook ?? null),
      graph: entry.graph ?? null,
      policy,
    },
  ];
}

function discovery(entry: TopologyEntry, policyOf: PolicyOf): Discovery[] {
  if (entry.discover === undefined) return [];
  const { engine, discover: pattern } = entry;
  const match = createLabelPattern(pattern);
  const { webhook = null, graph = null } = entry;
  return [{ pattern, match, engine, webhooks: routesOf(webhook), graph, policy: policyOf(entry) }];
}

/** A plain name never covers restart or rebalance: both interrupt the job, so the user must ask for them. */
function routesOf(webhook: NonNullable<TopologyEntry['webhook']> | null): WebhookRoutes {
  if (webhook === null) return {};
  return typeof webhook === 'string' ? { scale_up: webhook, scale_down: webhook } : webhook;
}

function operatorsOf(entries: readonly OperatorEntry[], policy: PolicySettings): ListedOperator[] {
  const isGraphKnown = entries.some(({ inputs }) => inputs !== undefined && inputs.length > 0);
  return entries.map((entry) => {
    const inputs = isGraphKnown ? (entry.inputs ?? []) : null;
    const role: OperatorRole = entry.role ?? (inputs?.length === 0 ? 'source' : 'inner');
    return {
      spec: {
        name: entry.name,
        role,
        inputs,
        minParallelism: entry.min_parallelism ?? policy.minParallelism,
        maxParallelism: entry.max_parallelism ?? policy.maxParallelism,
      },
      match: entry.match === undefined ? createLiteralPattern(entry.name) : createLabelPattern(entry.match),
      mayFinish: entry.may_finish ?? false,
    };
  });
}
