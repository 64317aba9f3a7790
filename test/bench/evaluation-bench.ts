// What one evaluation costs, in Prometheus and in Dhalion itself, as the fleet grows: real sensing of a real Prometheus,
// a real action log, one Prometheus for each size, so that a small fleet does not pay for the series of a large one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createActionLog } from '../../src/action-log/create-action-log.js';
import { systemClock, type Clock } from '../../src/clock.js';
import type { Configuration } from '../../src/config/configuration.js';
import { parseConfiguration } from '../../src/config/parse-configuration.js';
import { InstanceMemories } from '../../src/control-loop/instance-memories.js';
import { LogReader } from '../../src/control-loop/log-reader.js';
import { recallHorizon } from '../../src/control-loop/recall-horizon.js';
import { TopologyWatch } from '../../src/control-loop/topology-watch.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import { createHttpClient, type HttpClient } from '../../src/outbound/http-client.js';
import type { RunningServer } from '../../src/real-parts/local-server.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { createPrometheusClient } from '../../src/sensors/prometheus-client.js';
import { fleetServers } from './fleet-servers.js';
import { FLEET_END_S, fleetTopologyName, type FleetSize } from './flink-fleet.js';
import { median } from './median.js';
import { processCpuMs } from './process-cpu.js';
import { SILENT_LOGGER } from './silent-logger.js';
import { Yardstick } from './yardstick.js';

export interface EvaluationBench extends FleetSize {
  /** Which was asked. */
  readonly server: string;
  /** HTTP requests to it in one evaluation, and what they were answered, bytes. */
  readonly requests: number;
  readonly bytes: number;
  /** Of one evaluation, the median of the rounds, ms. */
  readonly wallMs: number;
  /** CPU time of this process in one evaluation, the median of the rounds, ms. */
  readonly ownCpuMs: number;
  /** The same, were the machine always as fast as in its calmest moment (yardstick.ts). */
  readonly calmCpuMs: number;
  /** CPU time of the server in one evaluation, and in one pass over the floor's queries, the means of the rounds, ms. */
  readonly serverCpuMs: number;
  readonly floorCpuMs: number;
  /** Largest resident set of this process until then, MB. */
  readonly peakMb: number;
}

export interface EvaluationBenchSize extends FleetSize {
  /** At most so many are counted; one more is run before. */
  readonly rounds: number;
  /** No further round is begun then; at least one is counted. */
  readonly maxDurationMs: number;
  /** Also on the servers that `npm run compat` has built. */
  readonly others?: boolean;
}

/** For each server. Rejects if an evaluation leaves anything unmeasured: its cost would be that of another one. */
export async function benchEvaluation(size: EvaluationBenchSize): Promise<EvaluationBench[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-bench-'));
  try {
    const benches: EvaluationBench[] = [];
    for (const { name, queryParams, start } of await fleetServers(join(folder, 'fleet'), size, {
      others: size.others ?? false,
    })) {
      const server = await start();
      try {
        const configuration = fleetConfiguration(server.url, size.topologies);
        const prometheus = { ...configuration.prometheus, queryParams };
        const bench = await benchAgainst(server, { ...configuration, prometheus }, join(folder, name), size);
        benches.push({ server: name, ...bench });
      } finally {
        await server.stop();
      }
    }
    return benches;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What any evaluation of five sensors has to ask at the least: one pass over the window of each. */
const FLOOR = [
  'backPressuredTimeMsPerSecond',
  'Shuffle_Netty_Input_Buffers_inputQueueLength',
  'numRecordsInPerSecond',
  'busyTimeMsPerSecond',
  'idleTimeMsPerSecond',
].map((name) => `max by (job_name, task_name, subtask_index) (avg_over_time(flink_taskmanager_job_task_${name}[5m]))`);

interface Evaluation {
  readonly wallMs: number;
  readonly ownCpuMs: number;
}

async function benchAgainst(
  server: RunningServer,
  configuration: Configuration,
  dataFolder: string,
  size: EvaluationBenchSize,
): Promise<Omit<EvaluationBench, 'server'>> {
  let [requests, bytes] = [0, 0];
  const plain = createHttpClient(configuration.prometheus.http, { userAgent: 'dhalion-bench' });
  const http: HttpClient = {
    ...plain,
    call: async (call) => {
      const answer = await plain.call(call);
      requests += 1;
      bytes += answer.body.length;
      return answer;
    },
  };
  const client = createPrometheusClient(configuration.prometheus, { http, clock: systemClock });
  const log = await createActionLog({ path: dataFolder });
  const reader = new LogReader(log, SILENT_LOGGER);
  const recall = () => reader.recall(recallHorizon(configuration, FLEET_CLOCK.now()));
  const watch = new TopologyWatch({
    configuration,
    client,
    instances: new InstanceMemories(log, SILENT_LOGGER),
    metrics: createServiceMetrics({ version: '0', revision: '0', nodeVersion: process.version }),
    clock: FLEET_CLOCK,
    logger: SILENT_LOGGER,
  });
  const yardstick = new Yardstick();
  const evaluate = async (): Promise<Evaluation> => {
    [requests, bytes] = [0, 0];
    let wallMs = 0;
    const ownCpuMs = await yardstick.measure(async () => {
      const startedAt = performance.now();
      await watch.lookAtAll(await recall(), AbortSignal.timeout(EVALUATION_TIMEOUT_MS));
      wallMs = performance.now() - startedAt;
    });
    checkComplete(watch, size);
    return { wallMs, ownCpuMs };
  };
  const askFloor = async (): Promise<void> => {
    for (const promql of FLOOR) {
      let samples = 0;
      await client.query(promql, FLEET_END_S * 1000, AbortSignal.timeout(EVALUATION_TIMEOUT_MS), () => {
        samples += 1;
      });
      if (samples === 0) throw new Error(`no answer to ${promql}`);
    }
  };
  try {
    await askFloor();
    await evaluate();
    const asked = { requests, bytes };
    const evaluations: Evaluation[] = [];
    let [serverCpu, floorCpu] = [0, 0];
    const startedAt = performance.now();
    // In turn, so that whatever else the machine does weighs on both.
    do {
      const before = await processCpuMs(server.pid);
      evaluations.push(await evaluate());
      const between = await processCpuMs(server.pid);
      await askFloor();
      serverCpu += between - before;
      floorCpu += (await processCpuMs(server.pid)) - between;
    } while (evaluations.length < size.rounds && performance.now() - startedAt < size.maxDurationMs);
    const { topologies, operators, instances } = size;
    return {
      ...{ topologies, operators, instances },
      ...asked,
      wallMs: median(evaluations.map(({ wallMs }) => wallMs)),
      ownCpuMs: median(evaluations.map(({ ownCpuMs }) => ownCpuMs)),
      calmCpuMs: yardstick.calmMs(),
      serverCpuMs: serverCpu / evaluations.length,
      floorCpuMs: floorCpu / evaluations.length,
      peakMb: process.resourceUsage().maxRSS / 1024,
    };
  } finally {
    await log.close();
    plain.close();
  }
}

const EVALUATION_TIMEOUT_MS = 120_000;

/** The fleet's history ends then, whenever the bench runs. */
const FLEET_CLOCK: Clock = { now: () => FLEET_END_S * 1000, elapsed: () => 0, sleep: () => Promise.resolve() };

/** Lists so many topologies of the fleet. */
export function fleetConfiguration(prometheusUrl: string, topologies: number): Configuration {
  const entries = Array.from(
    { length: topologies },
    (_, topology) => `  - {name: ${fleetTopologyName(topology)}, engine: flink}`,
  );
  const text = [
    `prometheus: {url: ${prometheusUrl}, timeout: 2m}`,
    'policy: {max_parallelism: 32}',
    'topologies:',
    ...entries,
    '',
  ].join('\n');
  const result = parseConfiguration(text, { builtInEngines: BUILT_IN_ENGINES });
  if ('faults' in result) throw new Error(result.faults.map(({ message }) => message).join('\n'));
  return result.configuration;
}

function checkComplete(watch: TopologyWatch, size: FleetSize): void {
  const operators = watch.all().flatMap(({ evaluation }) => evaluation.operators);
  const expected = size.topologies * size.operators;
  if (operators.length !== expected) throw new Error(`${operators.length} of ${expected} operators were evaluated`);
  const incomplete = operators.find(({ missingSensors }) => missingSensors.length > 0);
  if (incomplete === undefined) return;
  const { spec } = incomplete.measurement;
  throw new Error(`${spec.name} lacks ${incomplete.missingSensors.join(', ')}`);
}
