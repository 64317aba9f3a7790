// The queries of `check config --online` in addition to an evaluation's own: which topologies exist, and how many samples a
// window holds.
import type { Engine } from '../config/configuration.js';
import { listNames, nearestName } from '../grammar/config-fault.js';
import { renderDuration } from '../grammar/duration.js';
import { EVALUATION_METRICS } from '../metrics/metric-catalogue.js';
import { replaceSelectors } from '../sensors/linear-expression.js';
import { renderExpression, renderMatchers } from '../sensors/instance-vectors.js';
import { querySamples, type PrometheusClient } from '../sensors/prometheus-client.js';
import { renderDuration as renderRange } from '../sensors/promql-literals.js';

export interface OnlineQuestion {
  readonly engine: Engine;
  readonly client: PrometheusClient;
  readonly atMs: number;
  readonly signal: AbortSignal;
}

const MAX_NAMES = 5;
/** From the README: with fewer samples no mean is meaningful, and no slope is distinguishable from noise. */
const MIN_SAMPLES = 4;

/** `; did you mean "wordcount"?`, or the known names: the end of a message that no series have that name. */
export async function suggestLabelValue(written: string, question: OnlineQuestion): Promise<string> {
  const { engine, client, atMs, signal } = question;
  const label = engine.labels.topology;
  const expression = anyExpressionOf(engine);
  if (expression === null) return '';
  try {
    const series = await querySamples(client, `group by (${label}) (${expression})`, atMs, signal);
    const known = series.flatMap(({ labels }) => labels[label] ?? []).sort();
    const nearest = nearestName(written, known);
    if (nearest !== null) return `; did you mean ${JSON.stringify(nearest)}?`;
    if (known.length === 0) return `; no series has the label ${label}`;
    const more = known.length - MAX_NAMES;
    return `; known: ${listNames(more > 0 ? [...known.slice(0, MAX_NAMES), `${more} more`] : known)}`;
  } catch {
    // Another line reports the failed query.
    return '';
  }
}

/** Reports that even the engine's fullest series has too few samples in a window; null: it has enough, or there is no series. */
export async function describeSparseWindow(question: OnlineQuestion, windowMs: number): Promise<string | null> {
  const { engine, client, atMs, signal } = question;
  const selectors: string[] = [];
  const note = (selector: string): string => {
    selectors.push(selector);
    return selector;
  };
  const expression = anyExpressionOf(engine);
  if (expression === null || replaceSelectors(expression, note) === null) return null;
  const [selector = ''] = selectors;
  const counted = `max(count_over_time(${selector}[${renderRange(windowMs)}]))`;
  const samples = await querySamples(client, counted, atMs, signal).catch(() => []);
  const count = samples[0]?.value ?? MIN_SAMPLES;
  if (count >= MIN_SAMPLES) return null;
  return (
    `engine ${engine.name}: the fullest series has ${count} ${count === 1 ? 'sample' : 'samples'} in a window of ` +
    `${renderDuration(windowMs)}; ${MIN_SAMPLES} are needed: use a longer window or a shorter scrape interval`
  );
}

/**
 * Reports a target's label that overwrites one of Dhalion's own series, so that alerts name the wrong thing; null: none does.
 * @param matchers of Dhalion's own series; may be empty
 */
export async function describeOverwritten(
  client: PrometheusClient,
  matchers: string,
  atMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const own = matchers === '' ? '' : `, ${matchers}`;
  for (const label of ['topology', 'operator']) {
    const series = `${EVALUATION_METRICS.parallelism.name}{exported_${label}!=""${own}}`;
    const [found] = await querySamples(client, `group by (${label}) (${series})`, atMs, signal).catch(() => []);
    if (found === undefined) continue;
    return (
      `prometheus: the target label ${label} overwrites that of Dhalion's series with ` +
      `${JSON.stringify(found.labels[label] ?? '')}: alerts name an unknown ${label}. Set honor_labels: true in the scrape job of Dhalion`
    );
  }
  return null;
}

/** Of every topology of the engine. */
function anyExpressionOf(engine: Engine): string | null {
  const [written] = engine.sensors.backpressure ?? [];
  return written === undefined
    ? null
    : renderExpression(written, renderMatchers(engine, { labelValues: [], patterns: ['.+'] }));
}
