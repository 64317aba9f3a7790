// A configuration to backtest with: the built-in engines, a step of a minute, and no topologies unless a test adds some.
import type { Configuration } from '../../src/config/configuration.js';
import { createLabelPattern } from '../../src/config/label-pattern.js';
import { PLAIN_HTTP } from '../../src/outbound/http-config.js';
import { engineOf, WINDOW_MS } from './sensing.js';

export function backtestConfiguration(
  url: string,
  { timeoutMs = 30_000, ...changes }: Partial<Configuration> & { readonly timeoutMs?: number },
): Configuration {
  return {
    prometheus: { url, timeoutMs, method: 'POST', queryParams: {}, ownMatchers: '', http: PLAIN_HTTP },
    evaluationIntervalMs: 60_000,
    windowMs: WINDOW_MS,
    storage: { path: '/nonexistent', postgresUrlFile: null, retentionMs: 1 },
    limits: { maxOpenActions: 1, maxActionsPerHour: 1, maxScaleDownShare: 1 },
    alerts: { alertname: createLabelPattern('Dhalion.+') },
    links: { prometheus: null, alertmanager: null, grafana: null },
    webhooks: new Map(),
    engines: new Map((['flink', 'heron'] as const).map((name) => [name, engineOf(name)])),
    topologies: [],
    discoveries: [],
    ...changes,
  };
}
