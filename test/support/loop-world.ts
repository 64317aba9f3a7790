// The loop for tests: a real Prometheus that scrapes what the test exports, optionally a real Alertmanager with the project's
// own rules, and the real service, in this process or in a separate one. Minutes become seconds.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { systemClock, type Clock } from '../../src/clock.js';
import { loadConfiguration } from '../../src/commands/load-configuration.js';
import { startService, type Service } from '../../src/commands/start-service.js';
import { parseListenAddress } from '../../src/http/listen-address.js';
import { createLogger } from '../../src/logger.js';
import { freePort } from '../../src/real-parts/child-program.js';
import { durationMs } from '../../src/grammar/duration.js';
import { plainRules } from '../../src/commands/rules/render-alert-rules.js';
import { ruleTimes } from '../../src/commands/rules/rule-times.js';
import type { RunningServer } from '../../src/real-parts/local-server.js';
import { dhalionClient, type DhalionClient } from './dhalion-client.js';
import { alertmanagerFor, prometheusFor, type Lifetime } from './real-parts.js';

/** Dhalion's window in all configurations here, s; a scrape and an evaluation take one second each. */
export const WINDOW_SECONDS = 4;

export interface RunningDhalion extends DhalionClient {
  /** Everything it logged, newest last. */
  readonly logLines: readonly Readonly<Record<string, unknown>>[];
  stop(): Promise<void>;
}

export interface DhalionOptions {
  readonly configFile: string;
  readonly port?: number;
  readonly clock?: Clock;
  readonly keepsOwnTime?: boolean;
}

/** Runs the service in this process until the test ends. Port 0: any free port. */
export async function dhalionFor(
  t: Test,
  { configFile, port = 0, clock = systemClock, keepsOwnTime = false }: DhalionOptions,
): Promise<RunningDhalion> {
  const logLines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => logLines.push(JSON.parse(line) as Record<string, unknown>) };
  const service = await startService({
    configuration: await loadConfiguration(configFile),
    listenAddress: parseListenAddress(`127.0.0.1:${port}`),
    allowUnauthenticated: false,
    clock,
    keepsOwnTime,
    logger: createLogger({ level: 'debug', format: 'json' }, destination),
    nodeVersion: process.version,
    revision: 'test',
  });
  const stop = stopOnce(service);
  t.teardown(stop);
  return { ...dhalionClient(service.url), logLines, stop };
}

function stopOnce(service: Service): () => Promise<void> {
  let stopping: Promise<void> | null = null;
  return () => (stopping ??= service.stop());
}

export interface WorldOptions {
  /** URLs of exporters, scraped every second. */
  readonly scrape: readonly string[];
  /** Sends diagnoses back through one Alertmanager per replica; each notifies all replicas. */
  readonly withAlertmanager?: boolean;
  /** Number of Dhalions, default 1. */
  readonly replicas?: number;
  /** Replaces the shipped rules' `for: 15m` of overprovisioning; default 6s. */
  readonly overprovisionedFor?: string;
  /** How soon Prometheus resends firing alerts to Alertmanager, for example after its restart; default 1m. */
  readonly resendDelay?: string;
}

export interface LoopWorld {
  readonly prometheus: RunningServer;
  /** The first one; null: none requested. */
  readonly alertmanager: RunningServer | null;
  readonly alertmanagers: readonly RunningServer[];
  /** Port on which Prometheus and Alertmanager expect Dhalion. */
  readonly dhalionPort: number;
  /** The ports of all replicas. */
  readonly dhalionPorts: readonly number[];
  /** For configuration and action log; removed with the test. */
  readonly folder: string;
  /** Starts a Prometheus with the same series after a kill. */
  restartPrometheus(): Promise<RunningServer>;
  /** Starts the first Alertmanager again, with its notification log. */
  restartAlertmanager(): Promise<RunningServer>;
  /** Writes Dhalion's configuration and returns its file, by default dhalion.yml. */
  writeConfig(yaml: string, name?: string): Promise<string>;
}

export async function startLoopWorld(t: Lifetime, options: WorldOptions): Promise<LoopWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-loop-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const replicas = Array.from({ length: options.replicas ?? 1 }, (_, index) => index);
  const dhalionPorts = await Promise.all(replicas.map(() => freePort()));
  const startAlertmanager = (index: number, port?: number): Promise<RunningServer> =>
    alertmanagerFor(t, {
      config: alertmanagerConfig(dhalionPorts),
      dataDir: join(folder, `alertmanager-${index}`),
      ...(port === undefined ? {} : { port }),
    });
  const alertmanagers =
    options.withAlertmanager === true ? await Promise.all(replicas.map((index) => startAlertmanager(index))) : [];
  const start = {
    dataDir: join(folder, 'prometheus'),
    config: prometheusConfig(options.scrape, dhalionPorts, alertmanagers),
    extraFiles: { 'rules.yml': await rulesInSeconds(options.overprovisionedFor ?? '6s') },
    extraArgs: [`--rules.alert.resend-delay=${options.resendDelay ?? '1m'}`],
  };
  const prometheus = await prometheusFor(t, start);
  return {
    prometheus,
    alertmanager: alertmanagers[0] ?? null,
    alertmanagers,
    dhalionPort: dhalionPorts[0] ?? 0,
    dhalionPorts,
    folder,
    restartPrometheus: () => prometheusFor(t, { ...start, port: Number(new URL(prometheus.url).port) }),
    restartAlertmanager: () => startAlertmanager(0, Number(new URL(alertmanagers[0]?.url ?? '').port)),
    writeConfig: async (yaml, name = 'dhalion.yml') => {
      const file = join(folder, name);
      await writeFile(file, yaml);
      return file;
    },
  };
}

export interface ConfigParts {
  readonly prometheusUrl: string;
  readonly folder: string;
  readonly webhookUrl: string;
  /** Entries of `topologies:`, as YAML or JSON. */
  readonly topologies: readonly string[];
  /** More lines of `webhooks:`, one for each webhook. */
  readonly webhooks?: readonly string[];
  /** More settings of the webhook `scaler`, after a comma. */
  readonly scaler?: string;
  /** Timeout of Prometheus' answers. */
  readonly prometheusTimeout?: string;
  /** Puts the log into PostgreSQL instead of the folder. */
  readonly postgresUrlFile?: string;
  /** For the webhook `scaler`; default 60s. */
  readonly expiresAfter?: string;
}

/** A configuration of seconds without the fleet's brakes, whose webhook `scaler` is at `webhookUrl`/scale. */
export function dhalionConfig(parts: ConfigParts): string {
  const {
    prometheusUrl,
    folder,
    webhookUrl,
    topologies,
    webhooks = [],
    scaler,
    prometheusTimeout = '10s',
    expiresAfter = '60s',
  } = parts;
  const storage =
    parts.postgresUrlFile === undefined ? { path: join(folder, 'data') } : { postgres_url_file: parts.postgresUrlFile };
  return `
prometheus: {url: ${prometheusUrl}, timeout: ${prometheusTimeout}}
evaluation_interval: 1s
window: ${WINDOW_SECONDS}s
storage: ${JSON.stringify(storage)}
engines: {flink: {resolution: 1s}}
limits: {max_open_actions: 1000, max_actions_per_hour: 1000, max_scale_down_share: 1}
policy:
  {settling_time: 5s, catch_up: 15s, min_backlog: 5s, max_parallelism: 16, scale_down_memory: 4s, scale_down_memory_max: 4s}
webhooks:
  scaler: {url: "${webhookUrl}/scale", expires_after: ${expiresAfter}${scaler === undefined ? '' : `, ${scaler}`}}
${webhooks.map((webhook) => `  ${webhook}\n`).join('')}
topologies:
${topologies.map((topology) => `  - ${topology}\n`).join('')}`;
}

function prometheusConfig(
  scrape: readonly string[],
  dhalionPorts: readonly number[],
  alertmanagers: readonly RunningServer[],
): string {
  const hostsOf = (urls: readonly string[]): string => JSON.stringify(urls.map((url) => new URL(url).host));
  const dhalions = JSON.stringify(dhalionPorts.map((port) => `127.0.0.1:${port}`));
  const alerting =
    alertmanagers.length === 0
      ? ''
      : `
rule_files: [rules.yml]
alerting:
  alertmanagers: [{static_configs: [{targets: ${hostsOf(alertmanagers.map(({ url }) => url))}}]}]`;
  return `
global: {scrape_interval: 1s, scrape_timeout: 900ms, evaluation_interval: 1s}
${alerting}
scrape_configs:
  - {job_name: engine, static_configs: [{targets: ${hostsOf(scrape)}}]}
  - {job_name: dhalion, static_configs: [{targets: ${dhalions}}]}
`;
}

function alertmanagerConfig(dhalionPorts: readonly number[]): string {
  const webhooks = dhalionPorts.map((port) => ({ url: `http://127.0.0.1:${port}/api/v1/alerts`, send_resolved: true }));
  return `
route:
  receiver: people
  routes:
    - receiver: dhalion
      matchers: ['alertname=~"Dhalion.+"', 'diagnosis=~".+"', 'resolver=~".+"']
      group_by: [topology]
      group_wait: 1s
      group_interval: 1s
      repeat_interval: 1s
receivers:
  - name: people
  - name: dhalion
    webhook_configs: ${JSON.stringify(webhooks)}
`;
}

/** The shipped rules, with waiting times shortened for a window of seconds. */
async function rulesInSeconds(overprovisionedFor: string): Promise<string> {
  const rules = await readFile(new URL('../../rules/dhalion-alerts.yml', import.meta.url), 'utf8');
  return plainRules(rules, { ...ruleTimes(2000, durationMs(overprovisionedFor)), ruleIntervalMs: 1000 });
}
