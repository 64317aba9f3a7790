// The demo's parts, all on free loopback ports: simulator, Prometheus, Alertmanager and Dhalion, with the project's own rules.
// Minutes become seconds; nothing else differs from a real installation.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../clock.js';
import type { Logger } from '../../logger.js';
import { ALERTMANAGER, findProgram, PROMETHEUS } from '../../real-parts/find-program.js';
import { startAlertmanager } from '../../real-parts/start-alertmanager.js';
import { freePort } from '../../real-parts/child-program.js';
import { startPrometheus } from '../../real-parts/start-prometheus.js';
import { startSimulator, type Simulator } from '../../simulator/simulator-server.js';
import { wordCountSpec } from '../../simulator/word-count.js';
import { parseListenAddress } from '../../http/listen-address.js';
import { plainRules } from '../rules/render-alert-rules.js';
import { ruleTimes } from '../rules/rule-times.js';
import type { LoopAddresses } from './loop-observer.js';
import { loadConfiguration } from '../load-configuration.js';
import { startService } from '../start-service.js';

export interface DemoWorld extends LoopAddresses {
  readonly simulator: Simulator;
  stop(): Promise<void>;
}

export interface DemoWorldOptions {
  /** PATH, to find Prometheus and Alertmanager. */
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeVersion: string;
}

/** Sentences/s at the start of the story. */
export const FULL_LOAD = 1000;

const RULES = new URL('../../../rules/dhalion-alerts.yml', import.meta.url);
/** Short, to suit a window of seconds. */
const TIMES = { ...ruleTimes(2000, 4000), ruleIntervalMs: 1000 };

/** Rejects with the reason why a part did not start; then nothing is left running. */
export async function startDemoWorld(options: DemoWorldOptions): Promise<DemoWorld> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    // Stopped in the order of the loop, so that no part reports that the next one is gone.
    for (const stopPart of stops.splice(0).reverse()) await stopPart();
  };
  try {
    return { ...(await startParts(options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  { path, clock, logger, nodeVersion }: DemoWorldOptions,
  stops: (() => Promise<unknown>)[],
): Promise<Omit<DemoWorld, 'stop'>> {
  const programs = {
    prometheus: await findProgram(PROMETHEUS, path),
    alertmanager: await findProgram(ALERTMANAGER, path),
  };
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-demo-'));
  stops.push(() => rm(folder, { recursive: true, force: true }));

  const simulator = await startSimulator({ spec: demoTopology(), flavour: 'flink', seed: 1, stepMs: 20, clock });
  stops.push(() => simulator.stop());
  const dhalionPort = await freePort();
  const alertmanager = await startAlertmanager({
    program: programs.alertmanager,
    dataDir: join(folder, 'alertmanager'),
    config: alertmanagerConfig(dhalionPort),
  });
  stops.push(() => alertmanager.stop());
  const prometheus = await startPrometheus({
    program: programs.prometheus,
    dataDir: join(folder, 'prometheus'),
    config: prometheusConfig({ simulator: simulator.url, dhalionPort, alertmanager: alertmanager.url }),
    extraFiles: { 'rules.yml': plainRules(await readFile(RULES, 'utf8'), TIMES) },
  });
  stops.push(() => prometheus.stop());

  const configFile = join(folder, 'dhalion.yml');
  await writeFile(
    configFile,
    dhalionConfig({ prometheus: prometheus.url, alertmanager: alertmanager.url, simulator: simulator.url, folder }),
  );
  const dhalion = await startService({
    configuration: await loadConfiguration(configFile),
    listenAddress: parseListenAddress(`127.0.0.1:${dhalionPort}`),
    allowUnauthenticated: false,
    clock,
    logger,
    nodeVersion,
    revision: 'demo',
  });
  stops.push(() => dhalion.stop());
  return { simulator, prometheusUrl: prometheus.url, alertmanagerUrl: alertmanager.url, dhalionUrl: dhalion.url };
}

/**
 * Source:_sentences → split → count. split and count have 1 instance each, and the full load needs 4 of each. The keys of split
 * are spread evenly, except over 2 instances: then one of them gets nine tenths of the load. The mean busy ratio of the instances
 * does not predict this.
 */
function demoTopology(): Parameters<typeof startSimulator>[0]['spec'] {
  return wordCountSpec({
    offered: FULL_LOAD,
    sourceKind: 'push',
    restartGapSeconds: 2,
    // Short queues: a problem shows within a window of seconds.
    physics: { kind: 'blocking', bufferSeconds: 1 },
    source: { parallelism: 1, capacity: 4000 },
    split: { parallelism: 1, capacity: 250, keySkew: { kind: 'weights', byParallelism: { 2: [9, 1] } } },
    count: { parallelism: 1, capacity: 3000 },
  });
}

function dhalionConfig({
  prometheus,
  alertmanager,
  simulator,
  folder,
}: {
  prometheus: string;
  alertmanager: string;
  simulator: string;
  folder: string;
}): string {
  return `
prometheus: {url: ${prometheus}, external_url: ${prometheus}}
alertmanager_url: ${alertmanager}
evaluation_interval: 2s
window: 8s
storage: {path: ${JSON.stringify(join(folder, 'data'))}}
engines:
  flink: {resolution: 1s}
policy: {settling_time: 10s, catch_up: 1m, min_backlog: 5s, scale_down_memory: 10s, scale_down_memory_max: 10s}
webhooks:
  scaler: {url: ${simulator}/scale, expires_after: 30s}
topologies:
  - name: wordcount
    engine: flink
    webhook: {scale_up: scaler, scale_down: scaler, restart_instances: scaler, rebalance: scaler}
    operators:
      - {name: source, match: "Source:.*", role: source, max_parallelism: 4}
      - {name: split, inputs: [source], max_parallelism: 16}
      - {name: count, inputs: [split], max_parallelism: 16}
`;
}

function prometheusConfig(parts: { simulator: string; dhalionPort: number; alertmanager: string }): string {
  return `
global: {scrape_interval: 1s, scrape_timeout: 900ms, evaluation_interval: 1s}
rule_files: [rules.yml]
alerting:
  alertmanagers: [{static_configs: [{targets: [${JSON.stringify(new URL(parts.alertmanager).host)}]}]}]
scrape_configs:
  - {job_name: flink, static_configs: [{targets: [${JSON.stringify(new URL(parts.simulator).host)}]}]}
  - {job_name: dhalion, static_configs: [{targets: ["127.0.0.1:${parts.dhalionPort}"]}]}
`;
}

/** The shipped route, repeated every second; notifications for people go nowhere. */
export function alertmanagerConfig(dhalionPort: number): string {
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
    webhook_configs: [{url: "http://127.0.0.1:${dhalionPort}/api/v1/alerts", send_resolved: true}]
`;
}
