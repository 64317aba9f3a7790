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
import { ActionHistory } from '../../src/control-loop/action-history.js';
import { InstanceMemories } from '../../src/control-loop/instance-memories.js';
import { TopologyWatch } from '../../src/control-loop/topology-watch.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import { createHttpClient } from '../../src/outbound/http-client.js';
import { BUILT_IN_ENGINES } from '../../src/sensors/engines/built-in-engines.js';
import { createPrometheusClient } from '../../src/sensors/prometheus-client.js';
import { FLEET_END_S, fleetTopologyName, startFleetPrometheus, type FleetSize } from './flink-fleet.js';
import { median } from './median.js';
import { SILENT_LOGGER } from './silent-logger.js';

export interface EvaluationBench extends FleetSize {
  /** HTTP requests to Prometheus in one evaluation. */
  readonly requests: number;
  /** Of one evaluation, the median of the rounds, ms. */
  readonly wallMs: number;
  /** CPU time of this process in one evaluation, the median of the rounds, ms. */
  readonly ownCpuMs: number;
  /** CPU time of Prometheus in one evaluation, the mean of the rounds, ms. */
  readonly prometheusCpuMs: number;
}

export interface EvaluationBenchSize extends FleetSize {
  /** At most so many are counted; one more is run before. */
  readonly rounds: number;
  /** No further round is begun then; at least one is counted. */
  readonly maxDurationMs: number;
}

/** Rejects if an evaluation leaves anything unmeasured: its cost would be that of another one. */
export async function benchEvaluation(size: EvaluationBenchSize): Promise<EvaluationBench> {
  const folder = await mkdtemp(join(tmpdir(), 'dhalion-bench-'));
  try {
    const prometheus = await startFleetPrometheus(join(folder, 'prometheus'), size);
    try {
      return await benchAgainst(prometheus.url, join(folder, 'data'), size);
    } finally {
      await prometheus.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Evaluation {
  readonly requests: number;
  readonly wallMs: number;
  readonly ownCpuMs: number;
}

async function benchAgainst(
  prometheusUrl: string,
  dataFolder: string,
  size: EvaluationBenchSize,
): Promise<EvaluationBench> {
  const configuration = fleetConfiguration(prometheusUrl, size.topologies);
  const http = createHttpClient(configuration.prometheus.http, { userAgent: 'dhalion-bench' });
  const log = await createActionLog({ path: dataFolder });
  let requests = 0;
  const onRequest = (): void => {
    requests += 1;
  };
  const watch = new TopologyWatch({
    configuration,
    client: createPrometheusClient(configuration.prometheus, { http, clock: systemClock, onRequest }),
    history: new ActionHistory(log, SILENT_LOGGER),
    instances: new InstanceMemories(log, SILENT_LOGGER),
    metrics: createServiceMetrics({ version: '0', revision: '0', nodeVersion: process.version }),
    clock: FLEET_CLOCK,
    logger: SILENT_LOGGER,
  });
  const evaluate = async (): Promise<Evaluation> => {
    requests = 0;
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    await watch.lookAtAll(AbortSignal.timeout(EVALUATION_TIMEOUT_MS));
    const wallMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpuBefore);
    checkComplete(watch, size);
    return { requests, wallMs, ownCpuMs: (user + system) / 1000 };
  };
  try {
    await evaluate();
    const evaluations: Evaluation[] = [];
    const prometheusCpuBefore = await prometheusCpuMs(prometheusUrl);
    const startedAt = performance.now();
    do evaluations.push(await evaluate());
    while (evaluations.length < size.rounds && performance.now() - startedAt < size.maxDurationMs);
    const prometheusCpu = (await prometheusCpuMs(prometheusUrl)) - prometheusCpuBefore;
    const { topologies, operators, instances } = size;
    return {
      ...{ topologies, operators, instances },
      requests: Math.max(...evaluations.map((evaluation) => evaluation.requests)),
      wallMs: median(evaluations.map(({ wallMs }) => wallMs)),
      ownCpuMs: median(evaluations.map(({ ownCpuMs }) => ownCpuMs)),
      prometheusCpuMs: prometheusCpu / evaluations.length,
    };
  } finally {
    await log.close();
    http.close();
  }
}

/** Spent since its start, as it says itself. */
async function prometheusCpuMs(url: string): Promise<number> {
  const response = await fetch(`${url}/metrics`);
  const seconds = /^process_cpu_seconds_total (\S+)$/m.exec(await response.text())?.[1];
  if (seconds === undefined) throw new Error('Prometheus does not tell its CPU time');
  return Number(seconds) * 1000;
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
