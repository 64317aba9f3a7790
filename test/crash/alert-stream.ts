// Posts a steady stream of notifications as Alertmanager would: repeated until they are accepted, whatever happens to the
// service meanwhile. Remembers the acknowledged alerts.
import { systemClock } from '../../src/clock.js';
import type { SeededRandom } from '../../src/simulator/seeded-random.js';

export interface AlertStream {
  /** Fingerprints of the alerts that were answered with 2xx; each alert has its own. */
  readonly acknowledged: ReadonlySet<string>;
  /** Posts that were refused, broken off or not received. */
  failures(): number;
  /** Resolves when every started post is acknowledged. Needs a running service. */
  stop(): Promise<void>;
}

const PAUSE_MS = 250;
const RETRY_MS = 100;
const TIMEOUT_MS = 10_000;
/** Share of the alerts that are resolved. */
const RESOLVED_SHARE = 0.15;

export function startAlertStream(url: string, topologies: readonly string[], random: SeededRandom): AlertStream {
  const acknowledged = new Set<string>();
  const stopping = new AbortController();
  let failures = 0;
  let counter = 0;

  const deliver = async (alert: { readonly fingerprint: string }): Promise<void> => {
    const body = JSON.stringify({ version: '4', alerts: [alert] });
    while (!(await isTaken(`${url}/api/v1/alerts`, body))) {
      failures += 1;
      await systemClock.sleep(RETRY_MS);
    }
    acknowledged.add(alert.fingerprint);
  };
  const stream = async (topology: string): Promise<void> => {
    while (!stopping.signal.aborted) {
      counter += 1;
      const diagnosis = random.uniform() < 0.5 ? 'underprovisioning' : 'overprovisioning';
      await deliver({
        fingerprint: `alert-${counter}`,
        ...{ status: random.uniform() < RESOLVED_SHARE ? 'resolved' : 'firing' },
        ...{
          labels: { alertname: 'DhalionAlert', topology, operator: 'split', diagnosis },
          startsAt: '2026-01-02T03:04:05.678Z',
        },
      });
      await systemClock.sleep(PAUSE_MS, stopping.signal);
    }
  };

  const streams = topologies.map(stream);
  return {
    acknowledged,
    failures: () => failures,
    stop: async () => {
      stopping.abort();
      await Promise.all(streams);
    },
  };
}

async function isTaken(url: string, body: string): Promise<boolean> {
  try {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
