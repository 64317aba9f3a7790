// A running Dhalion as seen from outside: its API, its metrics, its intake.
import type { renderAction, renderDecision, renderTopology } from '../../src/http/json-views.js';
import { parseExposition, valuesOf, type Series } from './exposition.js';

export type ApiAction = ReturnType<typeof renderAction>;
export type ApiDecision = ReturnType<typeof renderDecision>;
export type ApiTopology = ReturnType<typeof renderTopology>;

export interface Notice {
  readonly topology: string;
  readonly operator: string;
  readonly diagnosis: string;
  /** Default: one of the shipped rules. */
  readonly alertname?: string;
  /** Default firing. */
  readonly status?: 'firing' | 'resolved';
}

export interface DhalionClient {
  readonly url: string;
  /** Newest first. */
  actions(topology?: string): Promise<ApiAction[]>;
  /** Newest first. */
  decisions(topology?: string): Promise<ApiDecision[]>;
  topology(name: string): Promise<ApiTopology>;
  topologies(): Promise<ApiTopology[]>;
  series(): Promise<Series[]>;
  /** Sum of the series of that name with at least these labels; null if there is none. */
  metric(name: string, labels?: Record<string, string>): Promise<number | null>;
  /** One notification with these alerts, as Alertmanager posts it; resolves with the status of the answer. */
  notify(...alerts: readonly Notice[]): Promise<number>;
  /** Rejects if the answer takes longer than `timeoutMs`. */
  get(path: string, timeoutMs?: number): Promise<{ status: number; text: string }>;
}

const TIMEOUT_MS = 20_000;
/** Shortest and longest time between two looks; a tenth of the time that it has taken, in between. */
const POLL_MS = { least: 100, most: 500 } as const;

export function dhalionClient(url: string): DhalionClient {
  const get: DhalionClient['get'] = async (path, timeoutMs = TIMEOUT_MS) => {
    const headers = { connection: 'close' };
    const response = await fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, text: await response.text() };
  };
  const data = async <Data>(path: string): Promise<Data> => {
    const { status, text } = await get(path);
    if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
    return (JSON.parse(text) as { data: Data }).data;
  };
  const ofTopology = (topology?: string): string =>
    `limit=1000${topology === undefined ? '' : `&topology=${encodeURIComponent(topology)}`}`;
  const scrape = async (): Promise<Series[]> => parseExposition((await get('/metrics')).text);
  let scraping: Promise<Series[]> | null = null;
  /** Who asks at once shares a scrape. */
  const series = (): Promise<Series[]> => {
    if (scraping !== null) return scraping;
    queueMicrotask(() => (scraping = null));
    return (scraping = scrape());
  };
  return {
    url,
    actions: (topology) => data(`/api/v1/actions?${ofTopology(topology)}`),
    decisions: (topology) => data(`/api/v1/decisions?${ofTopology(topology)}`),
    topology: (name) => data(`/api/v1/topologies/${encodeURIComponent(name)}`),
    topologies: () => data('/api/v1/topologies'),
    series,
    metric: async (name, labels) => {
      const values = valuesOf(await series(), name, labels);
      return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
    },
    notify: async (...alerts) => {
      const response = await fetch(`${url}/api/v1/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ version: '4', alerts: alerts.map(renderAlert) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.text();
      return response.status;
    },
    get,
  };
}

function renderAlert({ status = 'firing', alertname = 'DhalionUnderprovisioned', ...labels }: Notice) {
  return {
    status,
    labels: { alertname, ...labels },
    annotations: {},
    startsAt: '2026-01-02T03:04:05.678Z',
    endsAt: '0001-01-01T00:00:00Z',
    // As short as Alertmanager's, whatever the names.
    fingerprint: Object.values(labels).join('-').slice(0, 128),
  };
}

/** Tries repeatedly until there is a result; throws if that takes longer than a loaded machine needs. */
export async function eventually<Seen>(
  what: string,
  look: () => Promise<Seen | null | undefined | false> | Seen | null | undefined | false,
  timeoutMs = 60_000,
): Promise<Seen> {
  const startedAtMs = Date.now();
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    const elapsedMs = Date.now() - startedAtMs;
    if (elapsedMs > timeoutMs) throw new Error(`not seen within ${timeoutMs / 1000} s: ${what}`);
    const waitMs = Math.min(POLL_MS.most, Math.max(POLL_MS.least, elapsedMs / 10));
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/**
 * Notifies, and again where all alerts about a topology were held because a look missed scrapes, as it may on a busy machine, until there
 * is a result. Rejects if a notification is refused.
 */
export function reportUntil<Seen>(
  what: string,
  dhalion: DhalionClient,
  notices: readonly Notice[],
  look: () => Promise<Seen | null | undefined | false> | Seen | null | undefined | false,
): Promise<Seen> {
  const decidedBefore = new Map<string, number>();
  let due = notices;
  // A test may have killed it meanwhile, or taken its storage away.
  const decisionsOf = (topology: string): Promise<readonly ApiDecision[]> =>
    dhalion.decisions(topology).catch((): ApiDecision[] => []);
  const report = async (): Promise<void> => {
    for (const { topology } of due) decidedBefore.set(topology, (await decisionsOf(topology)).length);
    const status = await dhalion.notify(...due).catch(() => 503);
    if (status !== 202 && status !== 503) throw new Error(`the notification is answered ${status}`);
    if (status === 202) due = [];
  };
  const isUnseen = async ({ topology }: Notice): Promise<boolean> => {
    const decisions = await decisionsOf(topology);
    const ofReport = decisions.slice(0, Math.max(0, decisions.length - (decidedBefore.get(topology) ?? 0)));
    return ofReport.length > 0 && ofReport.every(({ reason }) => reason === 'unknown_measurements');
  };
  return eventually(what, async () => {
    if (due.length > 0) await report();
    const seen = await look();
    if (due.length > 0) return seen;
    const unseen = await Promise.all(notices.map(isUnseen));
    due = notices.filter((_, index) => unseen[index]);
    return seen;
  });
}

/** The topology at a look that recommends so many instances of each of these operators: the window is full of what is exported. */
export function whenRecommended(
  dhalion: DhalionClient,
  { topology, operators, parallelism }: { topology: string; operators: readonly string[]; parallelism: number },
): Promise<ApiTopology> {
  return eventually(`${parallelism} instances of ${operators.join(', ')} of ${topology} are recommended`, async () => {
    const seen = (await dhalion.topologies()).find((one) => one.topology === topology);
    const of = (name: string) => seen?.operators.find(({ operator }) => operator === name)?.recommended_parallelism;
    return operators.every((name) => of(name) === parallelism) && seen;
  });
}
