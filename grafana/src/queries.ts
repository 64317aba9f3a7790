// PromQL as the dashboards write it: metrics by their definition, and in every selector the matchers of the variables.
import type { MetricDefinition } from '../../src/metrics/metric-catalogue.js';

/** What the service exports beside the catalogue, and what Prometheus adds. */
export const PROCESS_METRICS = {
  up: { name: 'up' },
  cpuSeconds: { name: 'process_cpu_seconds_total' },
  residentMemory: { name: 'process_resident_memory_bytes' },
  heapUsed: { name: 'nodejs_heap_size_used_bytes' },
  eventLoopLag: { name: 'nodejs_eventloop_lag_p99_seconds' },
  openFileDescriptors: { name: 'process_open_fds' },
} as const;

type Named = Pick<MetricDefinition, 'name'>;

export const OF_REPLICAS = ['job=~"$job"', 'instance=~"$instance"'] as const;
/** One topology at a time; `=`, because Grafana does not escape the value of such a variable for a regular expression. */
export const OF_TOPOLOGY = 'topology="$topology"';
export const OF_OPERATORS = [OF_TOPOLOGY, 'operator=~"$operator"'] as const;

export function select({ name }: Named, ...matchers: readonly string[]): string {
  return `${name}{${[...OF_REPLICAS, ...matchers].join(',')}}`;
}

/** Two replicas export the same: the larger counts, as in the alert rules. */
export function maxBy(labels: readonly string[], metric: Named, ...matchers: readonly string[]): string {
  return `max by (${labels.join(', ')}) (${select(metric, ...matchers)})`;
}

/** Per second: Grafana makes the range wide enough for the scrapes. */
export function rateBy(labels: readonly string[], metric: Named, ...matchers: readonly string[]): string {
  return `sum by (${labels.join(', ')}) (rate(${select(metric, ...matchers)}[$__rate_interval]))`;
}

export function quantileBy(quantile: number, labels: readonly string[], { name }: Named): string {
  const buckets = rateBy(['le', ...labels], { name: `${name}_bucket` });
  return `histogram_quantile(${quantile}, ${buckets})`;
}
