// PURE: the queries of one look at an engine's topologies, the same for an instant and for a range. They contain no statistics over
// instances: operator-readings.ts computes these from the answers.
import type { Discovery, Engine, ListedTopology } from '../config/configuration.js';
import { SENSORS, type SensorName } from '../model/measurement.js';
import { renderExpression, renderMatchers, renderPart, type QueryPart, type QueryScope } from './instance-vectors.js';

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

export interface PlannedQuery {
  readonly purpose: SensorName | 'presence';
  readonly part: QueryPart;
  /** Index of the sensor's expression. */
  readonly alternative: number;
  /** Its series also have the labels of jobs, vertices and attempts. */
  readonly hasIdentities: boolean;
  readonly promql: string;
}

/** The first is what readings are made of. */
const PARTS: Readonly<Record<SensorName, readonly [QueryPart, ...QueryPart[]]>> = {
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

/** The parts that a sensor's readings need. */
export function mainPartOf(sensor: SensorName): QueryPart {
  return PARTS[sensor][0];
}

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
  const scope = { engine, windowMs, matchers: standIn };
  const sensors = SENSORS.filter((sensor) => isAsked(engine, sensor));
  return [...sourceQueries(scope), ...sensors.flatMap((sensor) => queriesOf(scope, sensor))].map((query) => {
    return { ...query, promql: query.promql.replaceAll(standIn, () => matchers) };
  });
}

function isAsked({ backpressureReportedBy }: Engine, sensor: SensorName): boolean {
  return sensor !== 'topology_suspended' || backpressureReportedBy === 'culprit';
}

function queriesOf(scope: QueryScope, sensor: SensorName): PlannedQuery[] {
  return (scope.engine.sensors[sensor] ?? []).flatMap((written, alternative) => {
    const expression = renderExpression(written, scope.matchers);
    // Every instance has the first of these series.
    const identities = sensor === 'backpressure' && alternative === 0 ? identityLabels(scope.engine) : [];
    return PARTS[sensor].map((part) => ({
      purpose: sensor,
      part,
      alternative,
      hasIdentities: identities.length > 0,
      promql: renderPart(scope, expression, part, identities),
    }));
  });
}

function sourceQueries(scope: QueryScope): PlannedQuery[] {
  const { sources } = scope.engine;
  if (sources === null) return [];
  const promql = renderPart(scope, renderExpression(sources, scope.matchers), 'sources');
  return [{ purpose: 'presence', part: 'sources', alternative: 0, hasIdentities: false, promql }];
}

function identityLabels({ identity }: Engine): string[] {
  return [...new Set([...identity.topology, ...identity.operator, ...identity.attempt])];
}
