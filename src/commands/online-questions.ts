// What `check config --online` asks Prometheus beside an evaluation's own queries: what topologies there are, and how many
// samples a window holds.
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
/** Of the README's rule: with fewer no mean is one, and no slope can be told from noise. */
const MIN_SAMPLES = 4;

/** `; did you mean "wordcount"?`, or what there is: to be read after what says that there are no series of that name. */
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
    if (known.length === 0) return `; there are none with any ${label}`;
    const more = known.length - MAX_NAMES;
    return `; there are ${listNames(more > 0 ? [...known.slice(0, MAX_NAMES), `${more} more`] : known)}`;
  } catch {
    // What is wrong with the query is told where it belongs.
    return '';
  }
}

/** Where the fullest series of the engine has too few samples in a window; null: it has enough, or none is there. */
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
    `engine ${engine.name}: its fullest series has ${count} ${count === 1 ? 'sample' : 'samples'} in a window of ` +
    `${renderDuration(windowMs)}, and ${MIN_SAMPLES} are needed: make window longer, or scrape more often`
  );
}

/**
 * Where a target's label overwrites one of Dhalion's own series, so that no alert says what it is about; null: none does.
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
      `prometheus: a target label named ${label} overwrites that of Dhalion's series, with ` +
      `${JSON.stringify(found.labels[label] ?? '')}: alerts name what nobody knows. Set honor_labels: true where Dhalion is scraped`
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
