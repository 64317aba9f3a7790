// `dhalion check config --online`: runs each engine's queries once against the real Prometheus.
import { systemClock } from '../clock.js';
import type { Configuration, Discovery, Engine, ListedTopology } from '../config/configuration.js';
import { commonFaultOf } from '../control-loop/describe-failures.js';
import { listNames } from '../grammar/config-fault.js';
import { describeError } from '../errors.js';
import { SERVICE_METRICS } from '../metrics/metric-catalogue.js';
import { createHttpClient, type HttpClient } from '../outbound/http-client.js';
import { redactUrl } from '../outbound/redact-url.js';
import { ServerClock, type ClockReading } from '../outbound/server-clock.js';
import type { SensedTopology } from '../sensors/assemble-measurements.js';
import { createPrometheusClient, querySamples } from '../sensors/prometheus-client.js';
import { senseAtPrometheusTime } from '../sensors/prometheus-time.js';
import type { EngineSensing } from '../sensors/sense.js';
import { USER_AGENT } from '../version.js';
import { describeOverwritten, describeSparseWindow, suggestLabelValue } from './online-questions.js';

/** The result of running each query once, in lines. */
export interface OnlineFindings {
  /** Faults: queries that fail, and listed topologies and operators without series. */
  readonly problems: readonly string[];
  /** No faults of the configuration, but reasons to doubt what was found. */
  readonly warnings: readonly string[];
  /** What was found. A discovery that finds nothing is a warning only, since its topologies may start later. */
  readonly seen: readonly string[];
}

interface EngineLook {
  readonly engine: Engine;
  readonly listed: readonly ListedTopology[];
  readonly discoveries: readonly Discovery[];
  readonly sensing: EngineSensing;
  /** By name of a listed topology without series: the label value that may have been meant. */
  readonly suggestions: ReadonlyMap<string, string>;
  /** null: the window holds enough samples. */
  readonly sparse: string | null;
}

const SCRAPED = SERVICE_METRICS.buildInfo.name;
const MAX_NAMES = 5;
/** A few examples are enough for a fleet with one problem in common. */
const MAX_DOUBTS = 20;

export async function checkOnline(configuration: Configuration): Promise<OnlineFindings> {
  const http = createHttpClient(configuration.prometheus.http, { userAgent: USER_AGENT });
  try {
    const engines = [...configuration.engines.values()];
    const clock = new ServerClock('Prometheus');
    const looks = await Promise.all(engines.map((engine) => lookAt(engine, configuration, { http, clock })));
    const problems = problemsOf(looks, configuration.prometheus.url);
    const skew = clock.describe();
    const scrape = problems.length > 0 ? null : await describeScrape(configuration, { http, clock });
    const own = [skew, scrape, ...looks.map(({ sparse }) => sparse)].filter((words) => words !== null);
    return {
      problems,
      warnings: [...own, ...doubtsOf(looks)].map((doubt) => `warning: ${doubt}`),
      seen: problems.length > 0 ? [] : looks.flatMap(seenOf),
    };
  } finally {
    http.close();
  }
}

async function lookAt(
  engine: Engine,
  configuration: Configuration,
  { http, clock }: { http: HttpClient; clock: ServerClock },
): Promise<EngineLook> {
  const listed = configuration.topologies.filter((topology) => topology.engine === engine.name);
  const discoveries = configuration.discoveries.filter((discovery) => discovery.engine === engine.name);
  const onAnswer = (reading: ClockReading): void => {
    clock.note(reading);
  };
  const request = {
    client: createPrometheusClient(configuration.prometheus, { http, clock: systemClock, onAnswer }),
    engine,
    windowMs: configuration.windowMs,
    atMs: systemClock.now(),
    // All operators of the topology, to compare the listed ones with.
    listed: listed.map((topology) => ({ ...topology, operators: null })),
    discoveries,
    only: null,
    known: [],
    signal: AbortSignal.timeout(2 * configuration.prometheus.timeoutMs),
  };
  const sensing = await senseAtPrometheusTime(request, clock);
  const { client, signal } = request;
  const question = { engine, client, signal, atMs: systemClock.now() + clock.offsetMs() };
  if (sensing.failures.length > 0)
    return { engine, listed, discoveries, sensing, suggestions: new Map(), sparse: null };
  const unseen = listed.filter(({ name }) => seenLabelsOf(sensing, name).length === 0).slice(0, MAX_DOUBTS);
  const suggestions = new Map<string, string>();
  for (const { name, labelValue } of unseen) suggestions.set(name, await suggestLabelValue(labelValue, question));
  const sparse = await describeSparseWindow(question, configuration.windowMs);
  return { engine, listed, discoveries, sensing, suggestions, sparse };
}

/** Of the operators of a topology. */
function seenLabelsOf({ topologies }: EngineSensing, name: string): readonly string[] {
  const sensed = topologies.find(({ measurement }) => measurement.topology === name);
  return [...(sensed?.operatorLabelValues.values() ?? [])];
}

/** A fault in how Prometheus scrapes Dhalion itself; null: none is known. */
async function describeScrape(
  { prometheus }: Configuration,
  { http, clock }: { http: HttpClient; clock: ServerClock },
): Promise<string | null> {
  const client = createPrometheusClient(prometheus, { http, clock: systemClock });
  const matchers = prometheus.ownMatchers.trim();
  const selector = matchers === '' ? SCRAPED : `${SCRAPED}{${matchers}}`;
  const nowMs = systemClock.now() + clock.offsetMs();
  const signal = AbortSignal.timeout(prometheus.timeoutMs);
  try {
    const series = await querySamples(client, `count(${selector})`, nowMs, signal);
    if (series.length > 0) return await describeOverwritten(client, matchers, nowMs, signal);
  } catch {
    return null;
  }
  return (
    `prometheus: no series ${selector}: Prometheus does not scrape Dhalion, so there are no alerts, and after each start of Dhalion ` +
    'scale-downs wait for scale_down_memory'
  );
}

function problemsOf(looks: readonly EngineLook[], prometheusUrl: string): readonly string[] {
  const failures = looks.flatMap(({ sensing }) => sensing.failures);
  const requests = looks.reduce((sum, { sensing }) => sum + sensing.requests, 0);
  const fault = commonFaultOf({ failures, requests });
  if (fault !== null)
    return [`prometheus.url: ${redactUrl(prometheusUrl)}: none of the ${requests} queries was answered: ${fault}`];
  return looks.flatMap(({ sensing, ...look }) =>
    sensing.failures.length > 0
      ? sensing.failures.map(
          ({ purpose, error }) =>
            `engines.${look.engine.name}: the query for ${purpose} failed: ${describeError(error)}`,
        )
      : unseenOf({ ...look, sensing }),
  );
}

/** Why the series found may be incomplete, or mix several jobs or operators; each reason once per topology. */
function doubtsOf(looks: readonly EngineLook[]): readonly string[] {
  const doubts = looks.flatMap(({ sensing }) =>
    sensing.topologies.flatMap(({ measurement: { topology, operators } }) => {
      const reasons = new Set(operators.flatMap(({ incompleteBecause }) => incompleteBecause ?? []));
      return [...reasons].map((reason) => `topology ${topology}: ${reason}`);
    }),
  );
  const more = doubts.length - MAX_DOUBTS;
  return more > 0 ? [...doubts.slice(0, MAX_DOUBTS), `${more} more topologies or operators like these`] : doubts;
}

function seenOf({ engine, listed, discoveries, sensing: { topologies } }: EngineLook): readonly string[] {
  const ofListed = topologies.filter(({ configuredBy }) => 'name' in configuredBy);
  const unlisted = listed.length === 0 ? '' : ' unlisted';
  return [
    ...(listed.length === 0 ? [] : [`seen: ${engine.name} listed: ${countOf(ofListed)}`]),
    ...discoveries.map((discovery) => {
      const found = topologies.filter(({ configuredBy }) => configuredBy === discovery);
      const name = `${engine.name} ${JSON.stringify(discovery.pattern)}`;
      return found.length === 0
        ? `warning: ${name}: no${unlisted} ${engine.labels.topology} matches now`
        : `seen: ${name}: ${countOf(found)}`;
    }),
  ];
}

/** `2 topologies (clicks and wordcount), 7 operators` */
function countOf(topologies: readonly SensedTopology[]): string {
  const names = topologies.map(({ measurement }) => measurement.topology);
  const shown = names.length > MAX_NAMES ? [...names.slice(0, MAX_NAMES), `${names.length - MAX_NAMES} more`] : names;
  const operators = topologies.reduce((sum, { operatorLabelValues }) => sum + operatorLabelValues.size, 0);
  return `${plural(names.length, 'topology', 'topologies')} (${listNames(shown)}), ${plural(operators, 'operator', 'operators')}`;
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function unseenOf({ engine: { labels }, listed, sensing, suggestions }: EngineLook): readonly string[] {
  return listed.flatMap(({ name, labelValue, operators }) => {
    const seen = seenLabelsOf(sensing, name);
    if (seen.length === 0) {
      const sought = `${labels.topology}=${JSON.stringify(labelValue)}`;
      return [`topology ${name}: no series with ${sought}${suggestions.get(name) ?? ''}`];
    }
    return (operators ?? []).flatMap(({ spec, match }) => {
      const matched = seen.filter((label) => match.test(label));
      if (matched.length === 1) return [];
      const found =
        matched.length === 0
          ? `matches no ${labels.operator}; there are ${seen.join(', ')}`
          : `matches ${matched.length} of ${labels.operator}: ${matched.join(', ')}`;
      return [`topology ${name}: operator ${spec.name} ${found}`];
    });
  });
}
