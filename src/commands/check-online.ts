// `dhalion check config --online`: runs each engine's queries once against the real Prometheus.
import { systemClock } from '../clock.js';
import type { Configuration, Engine, ListedTopology } from '../config/configuration.js';
import { describeError } from '../errors.js';
import { createHttpClient } from '../outbound/http-client.js';
import { createPrometheusClient } from '../sensors/prometheus-client.js';
import { sense, type EngineSensing } from '../sensors/sense.js';
import { USER_AGENT } from '../version.js';

/** Lines that say what is wrong: queries that fail, listed topologies and operators of which nothing is to be seen. */
export async function checkOnline(configuration: Configuration): Promise<readonly string[]> {
  const http = createHttpClient(configuration.prometheus.http, { userAgent: USER_AGENT });
  try {
    const engines = [...configuration.engines.values()];
    const problems = await Promise.all(engines.map((engine) => problemsOf(engine, configuration, http)));
    return problems.flat();
  } finally {
    http.close();
  }
}

async function problemsOf(
  engine: Engine,
  configuration: Configuration,
  http: ReturnType<typeof createHttpClient>,
): Promise<readonly string[]> {
  const listed = configuration.topologies.filter((topology) => topology.engine === engine.name);
  const sensing = await sense({
    client: createPrometheusClient(configuration.prometheus, { http, clock: systemClock }),
    engine,
    windowMs: configuration.windowMs,
    atMs: systemClock.now(),
    // Whatever operators they have, to hold those that are listed against.
    listed: listed.map((topology) => ({ ...topology, operators: null })),
    discoveries: configuration.discoveries.filter((discovery) => discovery.engine === engine.name),
    only: null,
    known: [],
    signal: AbortSignal.timeout(2 * configuration.prometheus.timeoutMs),
  });
  const failures = sensing.failures.map(
    ({ purpose, error }) => `engines.${engine.name}: the query for ${purpose} failed: ${describeError(error)}`,
  );
  return failures.length > 0 ? failures : unseenOf(engine, listed, sensing);
}

function unseenOf(
  { labels }: Engine,
  listed: readonly ListedTopology[],
  { topologies }: EngineSensing,
): readonly string[] {
  return listed.flatMap(({ name, labelValue, operators }) => {
    const sensed = topologies.find(({ measurement }) => measurement.topology === name);
    const seen = [...(sensed?.operatorLabelValues.values() ?? [])];
    if (seen.length === 0) return [`topology ${name}: no series with ${labels.topology}=${JSON.stringify(labelValue)}`];
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
