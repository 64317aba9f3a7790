// EDGE: reads the labels that locate a topology (Kubernetes: app, namespace), for calls to the engine itself.
import type { Engine } from '../config/configuration.js';
import { renderExpression, renderMatchers, type TopologySelection } from './instance-vectors.js';
import { querySamples, type PrometheusClient } from './prometheus-client.js';

/**
 * By the value of the engine's topology label: the values of these labels on all backpressure series of the topology. Leaves out a
 * topology whose series disagree, and labels that they lack. One query. Rejects as the client does.
 */
export async function senseTopologyLabels(
  client: PrometheusClient,
  engine: Engine,
  { selection, labels }: { readonly selection: TopologySelection; readonly labels: readonly string[] },
  atMs: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const query = renderTopologyLabelsQuery(engine, selection, labels);
  const samples = query === null ? [] : await querySamples(client, query, atMs, signal);
  const found = new Map<string, Readonly<Record<string, string>>>();
  const differing = new Set<string>();
  for (const sample of samples) {
    const topology = sample.labels[engine.labels.topology];
    if (topology === undefined) continue;
    if (found.has(topology)) differing.add(topology);
    found.set(topology, sample.labels);
  }
  for (const topology of differing) found.delete(topology);
  return found;
}

/** PURE. Null if the engine has no sensor `backpressure`, or nothing is selected. */
export function renderTopologyLabelsQuery(
  engine: Engine,
  selection: TopologySelection,
  labels: readonly string[],
): string | null {
  const [backpressure] = engine.sensors.backpressure ?? [];
  if (backpressure === undefined || selection.labelValues.length + selection.patterns.length === 0) return null;
  const grouping = [...new Set([engine.labels.topology, ...labels])].join(', ');
  return `group by (${grouping}) (${renderExpression(backpressure, renderMatchers(engine, selection))})`;
}
