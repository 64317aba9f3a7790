// PURE: what Prometheus answered, as statistics by topology and operator. What they mean is sensor-readings.ts'.
import type { Engine } from '../config/configuration.js';
import type { SensorName } from '../model/measurement.js';
import { DISCOVERY_LABEL } from './presence-query.js';
import type { VectorSample } from './prometheus-client.js';
import { STATISTIC_LABEL } from './sensor-queries.js';

/** Name of a statistic → its value, which may be NaN or infinite. */
export type Statistics = ReadonlyMap<string, number>;

/** By the engine's topology label, then its operator label (empty for statistics of a whole topology). */
export type StatisticsByOperator = ReadonlyMap<string, ReadonlyMap<string, Statistics>>;

/** An answer, or why there is none. */
export type Answer<Content> =
  { readonly kind: 'answered'; readonly content: Content } | { readonly kind: 'failed'; readonly because: string };

export interface Presence {
  readonly statistics: StatisticsByOperator;
  /** By topology label: position of the first discovery that matches. */
  readonly discoveries: ReadonlyMap<string, number>;
}

export interface SensorAnswers {
  readonly presence: Answer<Presence>;
  /** One for each sensor that the engine has. */
  readonly sensors: ReadonlyMap<SensorName, Answer<StatisticsByOperator>>;
}

/** Samples without the topology label belong to no topology and are left out. */
export function statisticsOf(samples: readonly VectorSample[], { labels }: Engine): StatisticsByOperator {
  const topologies = new Map<string, Map<string, Map<string, number>>>();
  for (const sample of samples) {
    const topology = sample.labels[labels.topology];
    const statistic = sample.labels[STATISTIC_LABEL];
    if (topology === undefined || statistic === undefined) continue;
    const operators = entryOf(topologies, topology, () => new Map<string, Map<string, number>>());
    const statistics = entryOf(operators, sample.labels[labels.operator] ?? '', () => new Map<string, number>());
    statistics.set(statistic, sample.value);
  }
  return topologies;
}

export function presenceOf(samples: readonly VectorSample[], engine: Engine): Presence {
  const discoveries = new Map<string, number>();
  for (const { labels } of samples) {
    const topology = labels[engine.labels.topology];
    const discovery = labels[DISCOVERY_LABEL];
    if (topology !== undefined && discovery !== undefined) discoveries.set(topology, Number(discovery));
  }
  return { statistics: statisticsOf(samples, engine), discoveries };
}

/** The entry of a key, made where there is none. */
export function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const value = map.get(key) ?? create();
  map.set(key, value);
  return value;
}
