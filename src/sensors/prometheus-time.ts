// EDGE: looks at Prometheus' own time. Samples are stamped by its clock: 60 s off, the window of a minute would be another one.
import { TOLERATED_SKEW_MS, type ServerClock } from '../outbound/server-clock.js';
import type { PrometheusClient, PrometheusRangeClient } from './prometheus-client.js';
import { sense, type EngineSensing, type SensingRequest } from './sense.js';

/** Takes one look with `sense` at Prometheus' own time, and repeats it if the answers show a different time. */
export async function senseAtPrometheusTime(
  request: SensingRequest,
  clock: ServerClock,
  take: typeof sense = sense,
): Promise<EngineSensing> {
  const takeAt = (offsetMs: number): Promise<EngineSensing> =>
    take({ ...request, client: clientWithOffset(request.client, () => offsetMs) });
  const offsetMs = clock.offsetMs();
  const sensing = await takeAt(offsetMs);
  const isAtPrometheusTime = Math.abs(clock.offsetMs() - offsetMs) <= TOLERATED_SKEW_MS;
  return isAtPrometheusTime || request.signal.aborted ? sensing : takeAt(clock.offsetMs());
}

/** The same client with a shifted time of queries. */
export function clientWithOffset(client: PrometheusClient, offsetMs: () => number): PrometheusClient {
  return { query: (promql, atMs, ...more) => client.query(promql, atMs + Math.round(offsetMs()), ...more) };
}

/** The same for ranges. */
export function rangeClientWithOffset(client: PrometheusRangeClient, offsetMs: () => number): PrometheusRangeClient {
  return {
    queryRange: (promql, { startMs, endMs, stepMs }, ...more) => {
      const byMs = Math.round(offsetMs());
      return client.queryRange(promql, { startMs: startMs + byMs, endMs: endMs + byMs, stepMs }, ...more);
    },
  };
}
