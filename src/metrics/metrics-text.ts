// The whole answer to a scrape: the service's own metrics, then the gauges of one snapshot.
import { renderEvaluationMetrics, type MetricsSnapshot } from './evaluation-metrics.js';
import type { ServiceMetrics } from './service-metrics.js';

/** Text format 0.0.4; the snapshot is the one given, however long the service's own metrics take to collect. */
export async function renderMetrics(service: ServiceMetrics, snapshot: MetricsSnapshot): Promise<string> {
  return (await service.text()) + renderEvaluationMetrics(snapshot);
}
