// The answer to a scrape as one text, for tests of its content.
import { renderEvaluationMetrics, renderLogMetrics } from '../../src/metrics/evaluation-metrics.js';
import { createMetricsText, type MetricsSnapshot, type ScrapeText } from '../../src/metrics/metrics-text.js';
import type { ServiceMetrics } from '../../src/metrics/service-metrics.js';
import { RenderedText } from '../../src/rendered-text.js';

/** The gauges of evaluations and action log. */
export function renderSnapshot({ evaluations, ...log }: MetricsSnapshot): string {
  return [...renderEvaluationMetrics(evaluations), ...renderLogMetrics(log)].join('');
}

/** The whole text, as a scraper reads it. */
export async function renderScrape(service: ServiceMetrics, snapshot: MetricsSnapshot): Promise<string> {
  const { evaluation, rest } = await createMetricsText(service)(snapshot);
  return Buffer.concat(evaluation.chunks).toString() + rest;
}

/** A scrape of this text, with half of it in the shared part. */
export function scrapeOf(text: string): ScrapeText {
  const half = text.length >> 1;
  return { evaluation: new RenderedText([Buffer.from(text.slice(0, half))]), rest: text.slice(half) };
}
