// The whole answer to a scrape, in two parts: the gauges of the evaluations, which are most of it and rendered once per
// evaluation, and the metrics that change with every scrape.
import type { TopologyEvaluation } from '../model/evaluation.js';
import { SharedText, type RenderedText } from '../rendered-text.js';
import { renderEvaluationMetrics, renderLogMetrics, type LogSnapshot } from './evaluation-metrics.js';
import type { ServiceMetrics } from './service-metrics.js';

/** Text format 0.0.4; each part ends in a newline. */
export interface ScrapeText {
  readonly evaluation: RenderedText;
  readonly rest: string;
}

/** The source of the gauges; `evaluations` is a new list whenever one of its evaluations is new. */
export interface MetricsSnapshot extends LogSnapshot {
  readonly evaluations: readonly TopologyEvaluation[];
}

/** Renders a scrape of the service's own metrics and a snapshot. */
export function createMetricsText(
  service: Pick<ServiceMetrics, 'text'>,
): (snapshot: MetricsSnapshot) => Promise<ScrapeText> {
  const evaluationText = new SharedText(renderEvaluationMetrics);
  return async ({ evaluations, ...log }) => {
    const [evaluation, own] = await Promise.all([evaluationText.of(evaluations), service.text()]);
    return { evaluation, rest: own + [...renderLogMetrics(log)].join('') };
  };
}
