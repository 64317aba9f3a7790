// The loop around a real Flink: cluster and word count, Prometheus, Alertmanager, Dhalion with a webhook of type flink, and
// somebody who answers for what Flink's REST API cannot do. All on loopback ports that were free.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Clock } from '../../../src/clock.js';
import { alertmanagerConfig } from '../../../src/commands/demo/demo-world.js';
import type { LoopAddresses } from '../../../src/commands/demo/loop-observer.js';
import { plainRules } from '../../../src/commands/rules/render-alert-rules.js';
import { ruleTimes } from '../../../src/commands/rules/rule-times.js';
import { loadConfiguration } from '../../../src/commands/load-configuration.js';
import { startService } from '../../../src/commands/start-service.js';
import { parseListenAddress } from '../../../src/http/listen-address.js';
import type { Logger } from '../../../src/logger.js';
import { freePort } from '../../../src/real-parts/child-program.js';
import { findOrInstall, type ProgramSearch } from '../../support/find-program.js';
import { startAlertmanager } from '../../../src/real-parts/start-alertmanager.js';
import { startPrometheus } from '../../../src/real-parts/start-prometheus.js';
import type { Rig } from './build-rig.js';
import { startFlinkCluster } from './flink-cluster.js';
import { createJobControls, type JobControls } from './job-controls.js';
import { startOperations, type Operations } from './operations.js';
import { JOB_NAME, wordCount } from './word-count.js';

export interface FlinkWorld extends LoopAddresses {
  readonly controls: JobControls;
  readonly operations: Operations;
  readonly restUrl: string;
  /** Unix ms, by the clock that all parts share. */
  now(): number;
  stop(): Promise<void>;
}

export interface FlinkWorldOptions {
  readonly rig: Rig;
  readonly checkpointMs: number;
  readonly search: ProgramSearch;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeVersion: string;
  /** Sentences/s to begin with. */
  readonly load: number;
  /** Of split and of count: what they begin with, and the least they are ever given. */
  readonly parallelism: { readonly first: number; readonly least: number };
}

const RULES = new URL('../../../rules/dhalion-alerts.yml', import.meta.url);

/**
 * The window is as short as Flink allows: its times are means over 60 s. So DhalionUnderprovisioned keeps the minute for
 * which it is shipped: it takes Flink that long to show that only one instance is to blame.
 */
export const WINDOW_S = 60;
const FOR: Readonly<Record<string, string>> = {
  DhalionUnderprovisioned: '1m',
  DhalionOverprovisioned: '20s',
  DhalionSlowInstances: '5s',
  DhalionDataSkew: '5s',
};

/** Rejects with what kept a part from starting; nothing is left running then. */
export async function startFlinkWorld(options: FlinkWorldOptions): Promise<FlinkWorld> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
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
  { rig, checkpointMs, search, clock, logger, nodeVersion, load, parallelism }: FlinkWorldOptions,
  stops: (() => Promise<unknown>)[],
): Promise<Omit<FlinkWorld, 'stop'>> {
  const prometheusProgram = await findOrInstall('prometheus', search);
  const alertmanagerProgram = await findOrInstall('alertmanager', search);
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-flink-'));
  stops.push(() => rm(folder, { recursive: true, force: true }));

  const controls = await createJobControls(join(folder, 'controls'), () => clock.now());
  const cluster = await startFlinkCluster({
    rig,
    checkpointMs,
    folder: join(folder, 'flink'),
    taskManagers: 2,
    slotsEach: 6,
  });
  stops.push(() => cluster.stop());
  await cluster.submit(wordCount(controls.folder, parallelism.first));
  await controls.offer(load);
  const operations = await startOperations(cluster, controls, clock);
  stops.push(() => operations.stop());

  const dhalionPort = await freePort();
  const alertmanager = await startAlertmanager({
    program: alertmanagerProgram,
    dataDir: join(folder, 'alertmanager'),
    config: alertmanagerConfig(dhalionPort),
  });
  stops.push(() => alertmanager.stop());
  const prometheus = await startPrometheus({
    program: prometheusProgram,
    dataDir: join(folder, 'prometheus'),
    config: prometheusConfig({ reporters: cluster.reporters, dhalionPort, alertmanager: alertmanager.url }),
    extraFiles: { 'rules.yml': inMinutes(plainRules(await readFile(RULES, 'utf8'), ruleTimes(5000, 20_000))) },
  });
  stops.push(() => prometheus.stop());

  const configFile = join(folder, 'dhalion.yml');
  const urls = { prometheus: prometheus.url, jobManager: cluster.restUrl, operations: operations.url };
  await writeFile(configFile, dhalionConfig(urls, join(folder, 'data'), parallelism.least));
  const dhalion = await startService({
    configuration: await loadConfiguration(configFile),
    listenAddress: parseListenAddress(`127.0.0.1:${dhalionPort}`),
    allowUnauthenticated: false,
    clock,
    logger,
    nodeVersion,
    revision: 'e2e',
  });
  stops.push(() => dhalion.stop());
  return {
    controls,
    operations,
    restUrl: cluster.restUrl,
    now: () => clock.now(),
    prometheusUrl: prometheus.url,
    alertmanagerUrl: alertmanager.url,
    dhalionUrl: dhalion.url,
  };
}

/** Which feeds which is read from Flink. */
function dhalionConfig(
  urls: { readonly prometheus: string; readonly jobManager: string; readonly operations: string },
  dataFolder: string,
  least: number,
): string {
  return stringify({
    prometheus: { url: urls.prometheus },
    evaluation_interval: '5s',
    window: `${WINDOW_S}s`,
    storage: { path: dataFolder },
    engines: { flink: { resolution: '2s' } },
    policy: { catch_up: '2m', scale_down_memory: '2m', scale_down_memory_max: '2m' },
    webhooks: {
      flink: { type: 'flink', url: urls.jobManager },
      operations: { url: urls.operations, timeout: '60s' },
    },
    topologies: [
      {
        name: JOB_NAME,
        engine: 'flink',
        webhook: { scale_up: 'flink', scale_down: 'flink', restart_instances: 'operations', rebalance: 'operations' },
        operators: [
          { name: 'source', match: 'Source:.*', role: 'source', max_parallelism: 4 },
          { name: 'split', min_parallelism: least, max_parallelism: 6 },
          { name: 'count', min_parallelism: least, max_parallelism: 6 },
          { name: 'counts', match: 'counts:.*', max_parallelism: 6 },
        ],
      },
    ],
  });
}

function prometheusConfig(parts: {
  readonly reporters: readonly string[];
  readonly dhalionPort: number;
  readonly alertmanager: string;
}): string {
  return stringify({
    global: { scrape_interval: '2s', scrape_timeout: '1900ms', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(parts.alertmanager).host] }] }] },
    scrape_configs: [
      { job_name: 'flink', static_configs: [{ targets: parts.reporters }] },
      { job_name: 'dhalion', static_configs: [{ targets: [`127.0.0.1:${parts.dhalionPort}`] }] },
    ],
  });
}

interface RuleFile {
  readonly groups: readonly { interval?: string; readonly rules: readonly AlertRule[] }[];
}

interface AlertRule {
  readonly alert: string;
  for?: string;
}

/** The shipped rules, waiting for as long as suits an evaluation every 5 s. */
function inMinutes(text: string): string {
  const file = parse(text) as RuleFile;
  for (const group of file.groups) {
    group.interval = '1s';
    for (const rule of group.rules) {
      const wait = FOR[rule.alert];
      if (wait !== undefined) rule.for = wait;
    }
  }
  return stringify(file);
}
