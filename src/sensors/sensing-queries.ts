// PURE: the queries of one look at an engine's topologies, the same for an instant and for a range. They contain no statistics over
// instances: operator-readings.ts computes these from the answers.
import type { Discovery, Engine, ListedTopology } from '../config/configuration.js';
import { SENSORS, type SensorName } from '../model/measurement.js';
import { renderExpression, renderMatchers, renderPart, type QueryPart } from './instance-vectors.js';

/** The subject of one look at an engine. */
export interface SensingScope {
  readonly engine: Engine;
  readonly windowMs: number;
  /** All topologies and discoveries of this engine. */
  readonly listed: readonly ListedTopology[];
  readonly discoveries: readonly Discovery[];
  /** Values of the topology label to look at, such as an alert's; null: all. */
  readonly only: readonly string[] | null;
}

/** A sensor, or which operators are sources. */
type Purpose = SensorName | 'presence';

export interface PlannedQuery {
  readonly purpose: Purpose;
  readonly part: QueryPart;
  /** Its series also have the labels of jobs, vertices and attempts. */
  readonly hasIdentities: boolean;
  readonly promql: string;
}

/** The statistics that are asked for; the first is what readings are made of. */
export const PARTS: Readonly<Record<Purpose, readonly [QueryPart, ...QueryPart[]]>> = {
  presence: ['sources'],
  backpressure: ['mean'],
  pending_packets: ['mean', 'slope'],
  processing_rate: ['mean', 'throughout'],
  busy: ['mean'],
  idle: ['lowest'],
  source_backlog: ['now', 'slope'],
  source_partitions: ['now'],
  topology_suspended: ['suspended'],
  parallelism: ['told'],
};

/** Their number depends on the engine alone. None if there is no topology to look at. */
export function planQueries({ engine, windowMs, listed, discoveries, only }: SensingScope): PlannedQuery[] {
  const selection = {
    labelValues: only ?? listed.map(({ labelValue }) => labelValue),
    patterns: only === null ? discoveries.map(({ pattern }) => pattern) : [],
  };
  if (selection.labelValues.length + selection.patterns.length === 0) return [];
  const matchers = renderMatchers(engine, selection);
  // A fleet's selector is long, and would be parsed with each expression.
  const standIn = renderMatchers(engine, { labelValues: ['dhalion_stand_in'], patterns: [] });
  const { topology, operator, attempt } = engine.identity;
  const identityLabels = [...new Set([...topology, ...operator, ...attempt])];
  const wanted = (['presence', ...SENSORS] as const).flatMap((purpose) =>
    expressionsFor(purpose, engine).flatMap((written) => PARTS[purpose].map((part) => ({ purpose, part, written }))),
  );
  // Every instance has these series.
  const identified = wanted.find(({ purpose }) => purpose === 'backpressure');
  return wanted.map((query) => {
    const { purpose, part, written } = query;
    const identities = query === identified ? identityLabels : [];
    const promql = renderPart({ engine, windowMs }, renderExpression(written, standIn), part, identities);
    return { purpose, part, hasIdentities: identities.length > 0, promql: promql.replaceAll(standIn, () => matchers) };
  });
}

function expressionsFor(purpose: Purpose, { sources, sensors, backpressureReportedBy }: Engine): readonly string[] {
  if (purpose === 'presence') return sources === null ? [] : [sources];
  return purpose === 'topology_suspended' && backpressureReportedBy !== 'culprit' ? [] : (sensors[purpose] ?? []);
}
