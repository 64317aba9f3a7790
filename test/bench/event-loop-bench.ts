// How long a large fleet blocks the event loop: during its evaluation, and while many clients request everything at once.
// The whole service runs in this process; the clients run in another thread, so that they do not block it.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { systemClock, type Clock } from '../../src/clock.js';
import { startService } from '../../src/commands/start-service.js';
import type { Configuration } from '../../src/config/configuration.js';
import { InstanceMemories } from '../../src/control-loop/instance-memories.js';
import { LogReader } from '../../src/control-loop/log-reader.js';
import { recallHorizon } from '../../src/control-loop/recall-horizon.js';
import { TopologyWatch } from '../../src/control-loop/topology-watch.js';
import { parseListenAddress } from '../../src/http/listen-address.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { createPrometheusClient } from '../../src/sensors/prometheus-client.js';
import { sense, type EngineSensing } from '../../src/sensors/sense.js';
import { eventually } from '../support/dhalion-client.js';
import { fleetConfiguration } from './evaluation-bench.js';
import { FLEET_END_S, startFleetPrometheus, type FleetSize } from './flink-fleet.js';
import { startRecordedNeeds } from './recorded-needs.js';
import { SILENT_LOGGER } from './silent-logger.js';

export interface EventLoopBench extends FleetSize {
  /** Of each measure the least of so many counts: another process may hold a step up, nothing makes one shorter. */
  readonly rounds: number;
  /** Longest step while a process looks for the first time, and reads what was needed before, ms. */
  readonly firstLookMs: number;
  /** Longest step while the answers of Prometheus are read and evaluated, ms. */
  readonly lookMs: number;
  /** The same without reading them. */
  readonly evaluationMs: number;
  /** Longest step while all ask at once, ms. */
  readonly askedMs: number;
  readonly asked: AskedAtOnce;
}

export interface AskedAtOnce {
  /** Until the last of the answers was there, ms. */
  readonly allMs: number;
  /** Slowest answer of `/-/healthy` meanwhile, ms. */
  readonly healthyMs: number;
  readonly bytes: number;
}

const SCRAPES = 10;
const LISTS = 10;
const LOOK_TIMEOUT_MS = 300_000;
const ROUNDS = 5;

export async function benchEventLoop(size: FleetSize): Promise<EventLoopBench> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-bench-'));
  try {
    const prometheus = await startFleetPrometheus(join(folder, 'prometheus'), size);
    try {
      const configuration = fleetConfiguration(prometheus.url, size.topologies);
      const looked = await benchLooks(configuration, join(folder, 'looks'), size);
      const dateless = await startDatelessProxy(prometheus.url);
      try {
        const url = dateless.url;
        const ofProxy = { ...configuration, prometheus: { ...configuration.prometheus, url } };
        return { ...size, rounds: ROUNDS, ...looked, ...(await benchAsked(ofProxy, join(folder, 'data'), size)) };
      } finally {
        await dateless.stop();
      }
    } finally {
      await prometheus.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** ms of the longest step while it works. */
async function longestStepMs(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await systemClock.sleep(100);
  delay.reset();
  await work();
  // A step is counted when it is over.
  await systemClock.sleep(20);
  delay.disable();
  return delay.max / 1e6;
}

async function leastOf(measure: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) least = Math.min(least, await measure());
  return least;
}

async function benchLooks(
  configuration: Configuration,
  path: string,
  size: FleetSize,
): Promise<Pick<EventLoopBench, 'firstLookMs' | 'lookMs' | 'evaluationMs'>> {
  const http = createHttpClient(configuration.prometheus.http, { userAgent: 'dhalion-bench' });
  const log = await createActionLog({ path });
  const needs = await startRecordedNeeds(size);
  const asking = { http, clock: systemClock };
  let remembered: EngineSensing | null = null;
  let isRemembered = false;
  const reader = new LogReader(log, SILENT_LOGGER);
  const recall = () => reader.recall(recallHorizon(configuration, FLEET_CLOCK.now()));
  const createWatch = (): TopologyWatch =>
    new TopologyWatch({
      configuration,
      client: createPrometheusClient(configuration.prometheus, asking),
      rangeClient: createPrometheusClient({ ...configuration.prometheus, url: needs.url }, asking),
      instances: new InstanceMemories(log, SILENT_LOGGER),
      metrics: createServiceMetrics({ version: '0', revision: '0', nodeVersion: process.version }),
      clock: FLEET_CLOCK,
      logger: SILENT_LOGGER,
      // Told again from memory, of the engine that has topologies, once that is what is measured.
      sense: async (request) => {
        if (request.listed.length === 0) return sense(request);
        if (!isRemembered) remembered = await sense(request);
        return remembered ?? sense(request);
      },
    });
  const lookWith = async (watch: TopologyWatch): Promise<void> =>
    watch.lookAtAll(await recall(), AbortSignal.timeout(LOOK_TIMEOUT_MS));
  const watch = createWatch();
  const look = (): Promise<void> => lookWith(watch);
  try {
    await look();
    const firstLookMs = await leastOf(() => longestStepMs(() => lookWith(createWatch())));
    const lookMs = await leastOf(() => longestStepMs(look));
    isRemembered = true;
    return { firstLookMs, lookMs, evaluationMs: await leastOf(() => longestStepMs(look)) };
  } finally {
    await needs.stop();
    await log.close();
    http.close();
  }
}

async function benchAsked(
  configuration: Configuration,
  path: string,
  { topologies }: FleetSize,
): Promise<Pick<EventLoopBench, 'askedMs' | 'asked'>> {
  const service = await startService({
    configuration: { ...configuration, storage: { ...configuration.storage, path } },
    listenAddress: parseListenAddress('127.0.0.1:0'),
    allowUnauthenticated: false,
    clock: FLEET_CLOCK,
    logger: SILENT_LOGGER,
    nodeVersion: process.version,
    revision: '0',
  });
  try {
    const isEvaluated = async (): Promise<boolean> => {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      return text.split('\ndhalion_topology_backpressure{').length === topologies + 1;
    };
    await eventually('the first evaluation', isEvaluated, LOOK_TIMEOUT_MS);
    // The second time nothing is left to be compiled.
    await askAtOnce(service.url);
    const answers: AskedAtOnce[] = [];
    const askedMs = await leastOf(() =>
      longestStepMs(async () => {
        answers.push(await askAtOnce(service.url));
      }),
    );
    const [asked] = answers.sort((a, b) => a.healthyMs - b.healthyMs);
    if (asked === undefined) throw new Error('nobody asked');
    return { askedMs, asked };
  } finally {
    await service.stop();
  }
}

/** Answers as Prometheus does, but for the header Date: else the service would ask for the present, in which no fleet is. */
async function startDatelessProxy(target: string): Promise<{ readonly url: string; stop: () => Promise<unknown> }> {
  const worker = new Worker(DATELESS_PROXY, { eval: true, workerData: { target } });
  const [port] = (await once(worker, 'message')) as [number];
  return { url: `http://127.0.0.1:${port}`, stop: () => worker.terminate() };
}

const DATELESS_PROXY = `
const { createServer, request } = require('node:http');
const { parentPort, workerData: { target } } = require('node:worker_threads');
const server = createServer((incoming, outgoing) => {
  const { method, headers } = incoming;
  const call = request(target + incoming.url, { method, headers }, (answer) => {
    const { date, ...others } = answer.headers;
    outgoing.sendDate = false;
    outgoing.writeHead(answer.statusCode, others);
    answer.pipe(outgoing);
  });
  call.on('error', () => outgoing.destroy());
  incoming.pipe(call);
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** The fleet's history ends then, and a second tick would be like the first. */
const FLEET_CLOCK: Clock = {
  now: () => FLEET_END_S * 1000,
  elapsed: () => systemClock.elapsed(),
  sleep: (delayMs, signal) => systemClock.sleep(delayMs, signal),
};

export async function askAtOnce(url: string): Promise<AskedAtOnce> {
  const worker = new Worker(ASKER, { eval: true, workerData: { url, scrapes: SCRAPES, lists: LISTS } });
  const [asked] = (await once(worker, 'message')) as [AskedAtOnce];
  await worker.terminate();
  return asked;
}

/** Plain JavaScript: a worker has no loader for anything else. */
const ASKER = `
const { get } = require('node:http');
const { parentPort, workerData: { url, scrapes, lists } } = require('node:worker_threads');
let bytes = 0;
const ask = (path) => new Promise((resolve, reject) => {
  const headers = { 'accept-encoding': 'gzip' };
  get(url + path, { headers, agent: false }, (response) => {
    response.on('data', (chunk) => { bytes += chunk.length; });
    response.on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(path + ': ' + response.statusCode))));
  }).on('error', reject);
});
const run = async () => {
  let isOver = false;
  let healthyMs = 0;
  const probe = async () => {
    while (!isOver) {
      const askedAt = performance.now();
      await ask('/-/healthy');
      healthyMs = Math.max(healthyMs, performance.now() - askedAt);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const probing = probe();
  const startedAt = performance.now();
  await Promise.all([
    ...Array.from({ length: scrapes }, () => ask('/metrics')),
    ...Array.from({ length: lists }, () => ask('/api/v1/topologies')),
  ]);
  const allMs = performance.now() - startedAt;
  isOver = true;
  await probing;
  parentPort.postMessage({ allMs, healthyMs, bytes });
};
void run();
`;
