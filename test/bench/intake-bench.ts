// The rate of accepting alerts over HTTP, each durable before the answer, while their decisions are written to the same log.
// The topology is only observed, so that nothing except the log limits the rate.
import autocannon from 'autocannon';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.js';
import { startPrometheus } from '../../src/real-parts/start-prometheus.js';
import { programPath } from '../support/real-parts.js';
import { parseExposition, valuesOf } from '../support/exposition.js';
import { inBenchFolder, startBenchService } from './bench-service.js';
import { benchFlushes } from './flush-bench.js';

export interface IntakeBench {
  /** In each notification. */
  readonly alerts: number;
  readonly connections: number;
  /** Answered with 202. */
  readonly notificationsPerSecond: number;
  /** Of a notification. */
  readonly p99Ms: number;
  /** Meanwhile. */
  readonly decisionsPerSecond: number;
  /** Of the same disk, in the same folder, just before. */
  readonly flushesPerSecond: number;
}

export interface IntakeBenchSize {
  readonly alerts: number;
  readonly connections: number;
  readonly durationS: number;
}

const FLUSH_BENCH_MS = 1000;
const TOPOLOGY = 'wordcount';

export function benchIntake(size: IntakeBenchSize): Promise<IntakeBench> {
  return inBenchFolder('intake-bench-', async (folder) => {
    const prometheus = await startPrometheus({
      program: await programPath('prometheus'),
      dataDir: join(folder, 'prometheus'),
      config: 'global: {}\n',
    });
    try {
      return await benchWith(prometheus.url, folder, size);
    } finally {
      await prometheus.stop();
    }
  });
}

async function benchWith(prometheusUrl: string, folder: string, size: IntakeBenchSize): Promise<IntakeBench> {
  const flushesPerSecond = benchFlushes(folder, FLUSH_BENCH_MS);
  const service = await startBenchService(folder, configurationText(prometheusUrl, join(folder, 'data')));
  try {
    await untilDeciding(service.url);
    const decisionsBefore = await holdsOf(service.url);
    const result = await autocannon({
      url: `${service.url}/api/v1/alerts`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(notification(size.alerts)),
      connections: size.connections,
      duration: size.durationS,
      // In a thread of its own, or the client's work would count as the service's.
      workers: 1,
    });
    const decisions = (await holdsOf(service.url)) - decisionsBefore;
    if (result.errors + result.timeouts + result.non2xx > 0 || result['2xx'] === 0) {
      throw new Error(`${result.errors} errors, ${result.timeouts} timeouts, ${result.non2xx} answers other than 2xx`);
    }
    return {
      alerts: size.alerts,
      connections: size.connections,
      notificationsPerSecond: result['2xx'] / result.duration,
      p99Ms: result.latency.p99,
      decisionsPerSecond: decisions / result.duration,
      flushesPerSecond,
    };
  } finally {
    await service.stop();
  }
}

function configurationText(prometheusUrl: string, dataFolder: string): string {
  return [
    `prometheus: {url: ${prometheusUrl}}`,
    `storage: {path: ${JSON.stringify(dataFolder)}}`,
    'webhooks: {scaler: {url: "http://127.0.0.1:9/scale"}}',
    'topologies:',
    `  - {name: ${TOPOLOGY}, engine: flink, webhook: scaler, policy: {mode: observe}}`,
    '',
  ].join('\n');
}

/** As Alertmanager 0.34 posts it, with the labels and annotations of the shipped rules. */
function notification(alerts: number): unknown {
  return {
    receiver: 'dhalion',
    status: 'firing',
    alerts: Array.from({ length: alerts }, (_, index) => ({
      status: 'firing',
      labels: {
        alertname: 'DhalionUnderprovisioned',
        diagnosis: 'underprovisioning',
        operator: `Operator_${index}____Map`,
        resolver: 'scale_up',
        severity: 'warning',
        topology: TOPOLOGY,
      },
      annotations: {
        summary: `${TOPOLOGY}: Operator_${index}____Map holds up its inputs and needs more instances.`,
        runbook_url: 'https://runbooks.example.org/dhalion/underprovisioned',
      },
      startsAt: '2026-01-02T03:04:05.678Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example.org:9090/graph?g0.expr=dhalion_diagnosis+%3D%3D+1&g0.tab=1',
      fingerprint: index.toString(16).padStart(16, '5ef77f1f8a3ecfd1'),
    })),
    groupLabels: { topology: TOPOLOGY },
    commonLabels: { diagnosis: 'underprovisioning', resolver: 'scale_up', severity: 'warning', topology: TOPOLOGY },
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example.org:9093',
    version: '4',
    groupKey: `{}/{diagnosis=~".+"}:{topology="${TOPOLOGY}"}`,
    truncatedAlerts: 0,
  };
}

const START_TIMEOUT_MS = 30_000;

/** Alerts are decided once the first evaluation is over: before, half of the work would be missing. */
async function untilDeciding(serviceUrl: string): Promise<void> {
  const deadlineMs = systemClock.now() + START_TIMEOUT_MS;
  while (systemClock.now() < deadlineMs) {
    const series = parseExposition(await metricsOf(serviceUrl));
    if (valuesOf(series, 'dhalion_evaluations_total').some((count) => count > 0)) return;
    await systemClock.sleep(50);
  }
  throw new Error(`no evaluation within ${START_TIMEOUT_MS / 1000} s`);
}

/** Decisions to hold, so far. */
async function holdsOf(serviceUrl: string): Promise<number> {
  const series = parseExposition(await metricsOf(serviceUrl));
  return valuesOf(series, 'dhalion_holds_total').reduce((sum, count) => sum + count, 0);
}

async function metricsOf(serviceUrl: string): Promise<string> {
  const response = await fetch(`${serviceUrl}/metrics`);
  return response.text();
}
