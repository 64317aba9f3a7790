// The real service under what a large installation does to it all day, for as long as is asked for: scrapes, open pages and a
// stream of notifications on topologies whose load keeps changing. Watches that nothing is lost and nothing grows.
import { systemClock } from '../../src/clock.js';
import { freePort } from '../../src/real-parts/child-program.js';
import { createSeededRandom } from '../../src/simulator/seeded-random.js';
import { startAlertStream } from '../crash/alert-stream.js';
import { startFleet } from '../crash/simulated-fleet.js';
import { growthOf, memoryFigures, watchMemory } from '../fuzz/watch-memory.js';
import { spawnDhalion, type ServedDhalion } from '../support/command-line.js';
import { findViolations, readLogAtRest } from '../support/log-audit.js';
import { openPages } from './open-pages.js';

export interface SoakOptions {
  readonly durationMs: number;
  readonly pages: number;
  readonly scrapers: number;
  readonly seed: number;
}

export interface SoakReport {
  /** Sentences; none: all is well. */
  readonly violations: readonly string[];
  /** In the order of a table. */
  readonly figures: readonly (readonly [string, number | string])[];
}

const TOPOLOGIES = ['orders', 'clicks', 'payments', 'searches', 'sessions', 'words'];
const SCRAPE_PAUSE_MS = 1000;
const LOAD_PAUSE_MS = 15_000;
const MAX_LOAD = 1500;
/** With less, the service is still warming up when a fifth is over. */
const SHORTEST_TO_COMPARE_MEMORY_MS = 300_000;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { durationMs, pages: count, scrapers, seed } = options;
  const random = createSeededRandom(seed);
  const fleet = await startFleet({
    topologies: TOPOLOGIES,
    load: 200,
    policy: {},
    delayMs: () => 0,
    isRefused: () => false,
  });
  let service: ServedDhalion | null = null;
  try {
    service = spawnDhalion({ configFile: fleet.configFile, port: await freePort(), logLevel: 'error' });
    await service.ready();
    const { url } = service;
    const startedAtMs = Date.now();
    const ending = new AbortController();
    const tally = { scrapes: 0, failures: [] as string[] };
    const memory = watchMemory(url, () => (Date.now() - startedAtMs) / durationMs);
    const pages = openPages(url, count);
    const alerts = startAlertStream(url, TOPOLOGIES, random);
    const scraping = Array.from({ length: scrapers }, () => scrapeOnAndOn(url, ending.signal, tally));
    const loading = changeLoads((topology) => {
      fleet.setLoad(topology, Math.round(random.uniform() * MAX_LOAD));
    }, ending.signal);
    await systemClock.sleep(startedAtMs + durationMs - Date.now());
    const openAtEnd = pages.open();
    const watched = await memory.stop();
    ending.abort();
    await Promise.all([...scraping, loading, pages.stop(), alerts.stop()]);
    const log = await readLogAtRest(fleet.storage);
    await service.end('SIGTERM');
    const known = new Set(log.alerts.map(({ fingerprint }) => fingerprint));
    const lost = [...alerts.acknowledged].filter((fingerprint) => !known.has(fingerprint));
    return {
      violations: [
        ...lost.map((fingerprint) => `${fingerprint} was acknowledged and is not in the log`),
        ...(openAtEnd === count ? [] : [`${count - openAtEnd} of ${count} pages lost their stream`]),
        ...pages.faults(),
        ...tally.failures.slice(0, 10),
        ...findViolations(log, fleet.calls),
        ...(durationMs < SHORTEST_TO_COMPARE_MEMORY_MS ? [] : growthOf(watched)),
      ],
      figures: [
        ['duration, s', Math.round(durationMs / 1000)],
        ['pages open to the end', openAtEnd],
        ['changes told to them', pages.events()],
        ['lists sent to them', pages.lists()],
        ['scrapes', tally.scrapes],
        ['notifications acknowledged', alerts.acknowledged.size],
        ['… sent again', alerts.failures()],
        ['notifications lost', lost.length],
        ['decisions', log.decisions.length],
        ['actions', log.actions.length],
        ...memoryFigures(watched),
      ],
    };
  } finally {
    await service?.end();
    await fleet.stop();
  }
}

async function scrapeOnAndOn(
  url: string,
  signal: AbortSignal,
  tally: { scrapes: number; failures: string[] },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip' } });
      const text = await response.text();
      if (response.status === 200 && text.endsWith('\n')) tally.scrapes += 1;
      else tally.failures.push(`a scrape was answered ${response.status}`);
    } catch (error) {
      tally.failures.push(`a scrape: ${String(error)}`);
    }
    await systemClock.sleep(SCRAPE_PAUSE_MS, signal);
  }
}

async function changeLoads(change: (topology: string) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const topology of TOPOLOGIES) change(topology);
    await systemClock.sleep(LOAD_PAUSE_MS, signal);
  }
}
