// `dhalion check config --online`: runs each engine's queries once against the real Prometheus.
import { systemClock } from '../clock.js';
import type { Configuration, Engine } from '../config/configuration.js';
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
  const sensing = await sense({
    client: createPrometheusClient(configuration.prometheus, { http, clock: systemClock }),
    engine,
    windowMs: configuration.windowMs,
    atMs: systemClock.now(),
    listed: configuration.topologies.filter((topology) => topology.engine === engine.name),
    discoveries: configuration.discoveries.filter((discovery) => discovery.engine === engine.name),
    only: null,
    known: [],
    signal: AbortSignal.timeout(2 * configuration.prometheus.timeoutMs),
  });
  const failures = sensing.failures.map(
    ({ purpose, error }) => `engines.${engine.name}: the query for ${purpose} failed: ${describeError(error)}`,
  );
  return failures.length > 0 ? failures : unseenOf(engine, sensing);
}

function unseenOf(engine: Engine, { topologies }: EngineSensing): readonly string[] {
  return topologies.flatMap(({ measurement, labelValue, operatorLabelValues }) => {
    const selector = `${engine.labels.topology}=${JSON.stringify(labelValue)}`;
    if (operatorLabelValues.size === 0) return [`topology ${measurement.topology}: no series with ${selector}`];
    return measurement.operators
      .filter(({ spec }) => !operatorLabelValues.has(spec.name))
      .map(
        ({ spec }) => `topology ${measurement.topology}: operator ${spec.name} matches no ${engine.labels.operator}`,
      );
  });
}
