// The JobManagers of one webhook whose URL has labels, found by the labels of its topologies' series.
import type { Clock } from '../../clock.js';
import { describeError } from '../../errors.js';
import type { Logger } from '../../logger.js';
import type { Scaler } from '../webhook-type.js';
import type { FlinkWebhookSettings } from './flink-settings.js';
import { flinkUrlOf, labelsInUrl } from './flink-url.js';
import { FRESH_MS } from './job-graphs.js';
import type { JobManager } from './read-jobs.js';

/** A topology without series, as during a rescale, keeps its JobManager for this time. */
const KEPT_MS = 600_000;

interface Place {
  readonly url: string;
  readonly seenMs: number;
}

export interface LabelledJobManagers {
  readonly webhook: string;
  /** Asks for the labels, unless that was done a moment ago. Never rejects: after an error the known JobManagers are kept. */
  refresh(signal: AbortSignal): Promise<void>;
  all(): readonly JobManager[];
  /** The id of the topology's JobManager; null: not known. */
  idOf(topologyLabel: string): string | null;
}

export function createLabelledJobManagers(
  { webhook, http, senseLabels }: Scaler<FlinkWebhookSettings>,
  { clock, logger }: { readonly clock: Pick<Clock, 'elapsed'>; readonly logger: Logger },
): LabelledJobManagers {
  const { name, timeoutMs } = webhook;
  const names = labelsInUrl(webhook.url);
  let askedMs = -Infinity;
  let isTroubled = false;
  let places: ReadonlyMap<string, Place> = new Map();
  /** By topology, why it has no JobManager; each reason is logged once. */
  let refused: ReadonlyMap<string, string> = new Map();

  const idOf = (url: string): string => `${name} ${url}`;

  function take(labelled: Awaited<ReturnType<typeof senseLabels>>): void {
    const seenMs = clock.elapsed();
    const isKept = (topology: string, place: Place): boolean =>
      !labelled.has(topology) && seenMs - place.seenMs < KEPT_MS;
    const nextPlaces = new Map([...places].filter(([topology, place]) => isKept(topology, place)));
    const nextRefused = new Map<string, string>();
    for (const [topology, labels] of labelled) {
      const built = flinkUrlOf(webhook, labels);
      if ('url' in built) nextPlaces.set(topology, { url: built.url, seenMs });
      else {
        nextRefused.set(topology, built.failure);
        if (refused.get(topology) === built.failure) continue;
        logger.warn(
          { webhook: name, topology, failure: built.failure },
          'topology without a JobManager: its labels give no allowed address',
        );
      }
    }
    [places, refused] = [nextPlaces, nextRefused];
  }

  return {
    webhook: name,
    async refresh(signal) {
      if (clock.elapsed() - askedMs < FRESH_MS) return;
      askedMs = clock.elapsed();
      try {
        take(await senseLabels(names, signal));
        isTroubled = false;
      } catch (error) {
        if (signal.aborted || isTroubled) return;
        isTroubled = true;
        const facts = { webhook: name, error: describeError(error) };
        logger.warn(facts, 'cannot look for JobManagers: only known ones are asked');
      }
    },
    all() {
      const jobs = new Map<string, string[]>();
      for (const [topology, { url }] of places) jobs.set(url, [...(jobs.get(url) ?? []), topology]);
      return [...jobs].map(([url, own]) => ({ id: idOf(url), name, url, timeoutMs, http, jobs: own }));
    },
    idOf(topologyLabel) {
      const place = places.get(topologyLabel);
      return place === undefined ? null : idOf(place.url);
    },
  };
}
