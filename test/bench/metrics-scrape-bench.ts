// How long a scrape of a large fleet takes, against joining the same lines from pieces that are already formatted
// (and against a plain join of the finished lines, the least anything can cost).
import { performance } from 'node:perf_hooks';
import type { MetricsSnapshot } from '../../src/metrics/metrics-text.js';
import { createServiceMetrics } from '../../src/metrics/service-metrics.js';
import { operatorEvaluation, operatorMeasurement, topologyEvaluation } from '../support/evaluations.js';
import { renderScrape } from '../support/scrapes.js';

export interface MetricsScrapeBench {
  readonly series: number;
  readonly bytes: number;
  /** Medians, the text as bytes in the end. */
  readonly renderMs: number;
  readonly concatenateMs: number;
  readonly joinMs: number;
  /** `renderMs` / `concatenateMs`. */
  readonly ratio: number;
  /** `renderMs` / `joinMs`. */
  readonly ratioToJoin: number;
}

export async function benchMetricsScrape(
  size: { topologies: number; operators: number; rounds: number } = { topologies: 1000, operators: 10, rounds: 15 },
): Promise<MetricsScrapeBench> {
  const metrics = createServiceMetrics({ version: '0', revision: '0', nodeVersion: 'v20' });
  const snapshot = fleetSnapshot(size.topologies, size.operators);
  for (const { topology } of snapshot.evaluations) metrics.recordHold(topology, 'not_current');
  const text = await renderScrape(metrics, snapshot);
  const lines = text.split('\n').map((line) => `${line}\n`);
  const pieces = lines.map((line) => line.split(/(?<=\{)|(?=\} )|(?<=\} )/));

  const timings: Record<'render' | 'concatenate' | 'join', number[]> = { render: [], concatenate: [], join: [] };
  for (let round = 0; round < size.rounds + 2; round++) {
    // Taken in turn, so that a busy machine slows all three alike.
    timings.render.push(await timed(async () => Buffer.from(await renderScrape(metrics, snapshot))));
    timings.concatenate.push(await timed(() => Buffer.from(concatenate(pieces))));
    timings.join.push(await timed(() => Buffer.from(lines.join(''))));
  }
  const [renderMs, concatenateMs, joinMs] = [timings.render, timings.concatenate, timings.join].map(medianOf) as [
    number,
    number,
    number,
  ];
  return {
    series: lines.filter((line) => /^[a-z]/.test(line)).length,
    bytes: Buffer.byteLength(text),
    renderMs,
    concatenateMs,
    joinMs,
    ratio: renderMs / concatenateMs,
    ratioToJoin: renderMs / joinMs,
  };
}

function concatenate(pieces: readonly (readonly string[])[]): string {
  let text = '';
  for (const line of pieces) for (const piece of line) text += piece;
  return text;
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The first two rounds warm up and do not count. */
function medianOf(timings: readonly number[]): number {
  const sorted = timings.slice(2).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

function fleetSnapshot(topologies: number, operators: number): MetricsSnapshot {
  const operator = (index: number) =>
    operatorEvaluation(`operator-${index}`, {
      measurement: operatorMeasurement(`operator-${index}`, {
        pendingPackets: { kind: 'measured', mean: 1000 / (index + 7), max: 1000, slopePerSecond: 0 },
      }),
      suspendedRatio: 1 / (index + 3),
    });
  const evaluations = Array.from({ length: topologies }, (_, index) =>
    topologyEvaluation(
      `topology-${index}`,
      Array.from({ length: operators }, (_, index) => operator(index)),
    ),
  );
  return { evaluations, openActions: [], lastActions: [], blacklist: [] };
}
