// Explains why there is nothing to backtest: the topologies searched for, the query, and whether Prometheus still keeps data of
// that age.
import type { BacktestRange } from '../../backtest-report/backtest-step.js';
import { renderTime } from '../../backtest-report/summary-words.js';
import type { Configuration, Engine } from '../../config/configuration.js';
import { parseDuration } from '../../grammar/duration.js';
import { DhalionError } from '../../errors.js';
import type { HttpClient } from '../../outbound/http-client.js';
import { renderMatchers } from '../../sensors/instance-vectors.js';

export interface EmptyBacktest {
  readonly configuration: Configuration;
  readonly http: HttpClient;
  readonly range: BacktestRange;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

export async function noHistoryFault(empty: EmptyBacktest): Promise<DhalionError> {
  const { configuration, range } = empty;
  const lines = [...configuration.engines.values()].map((engine) => describeSearch(configuration, engine));
  const retention = await describeRetention(empty);
  const when = `no data from ${renderTime(range.fromMs)} to ${renderTime(range.toMs)}`;
  return new DhalionError('no_history', [when, ...lines, ...(retention === null ? [] : [retention])].join('\n  '));
}

function describeSearch({ topologies, discoveries }: Configuration, engine: Engine): string {
  const listed = topologies.filter((topology) => topology.engine === engine.name);
  const patterns = discoveries.filter((discovery) => discovery.engine === engine.name).map(({ pattern }) => pattern);
  const labelValues = listed.map(({ labelValue }) => labelValue);
  const matchers = renderMatchers(engine, { labelValues, patterns });
  const expression = engine.sensors.backpressure?.[0]?.trim().replaceAll('$matchers', () => matchers) ?? matchers;
  const names = [
    ...listed.map(({ name }) => name),
    ...patterns.map((pattern) => `topologies that match ${JSON.stringify(pattern)}`),
  ];
  return `engine ${engine.name}, ${names.join(', ')}: no query found series, for example ${expression.replace(/\s+/g, ' ')}`;
}

/** null: the retention is unknown, or the range is within it. */
async function describeRetention({ configuration, http, range, nowMs, signal }: EmptyBacktest): Promise<string | null> {
  const retention = await askRetention(configuration, http, signal);
  // Prometheus may add a size: "15d or 10GiB".
  const keptMs = parseDuration(/^\S+/.exec(retention ?? '')?.[0] ?? '');
  if (retention === null || keptMs === null || range.fromMs >= nowMs - keptMs) return null;
  return `Prometheus keeps ${retention}: data since ${renderTime(nowMs - keptMs).replace(/\.\d+Z/, 'Z')}`;
}

/** Only Prometheus itself has this endpoint; any other answer is ignored. */
async function askRetention(
  { prometheus }: Configuration,
  http: HttpClient,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const { body } = await http.call({
      url: `${prometheus.url}/api/v1/status/runtimeinfo`,
      method: 'GET',
      headers: {},
      body: null,
      timeoutMs: prometheus.timeoutMs,
      maxResponseBytes: 100_000,
      signal,
    });
    const answer = JSON.parse(body) as { readonly data?: { readonly storageRetention?: unknown } } | null;
    const retention = answer?.data?.storageRetention;
    return typeof retention === 'string' ? retention : null;
  } catch {
    return null;
  }
}
