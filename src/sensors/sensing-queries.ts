// PURE: the queries of one look at an engine's topologies, and their answers as the sensors' statistics. The same for one
// instant and for a range of them.
import type { Discovery, Engine, ListedTopology } from '../config/configuration.js';
import { SENSORS, type SensorName } from '../model/measurement.js';
import { renderMatchers, type QueryScope } from './instance-vectors.js';
import { renderPresenceQuery } from './presence-query.js';
import type { VectorSample } from './prometheus-client.js';
import { presenceOf, statisticsOf, type Answer, type SensorAnswers } from './sensor-answers.js';
import { renderSensorQuery } from './sensor-queries.js';

/** What one look at an engine is about. */
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
  readonly promql: string;
}

/** Null if there is no topology to look at. */
export function queryScopeOf({ engine, windowMs, listed, discoveries, only }: SensingScope): QueryScope | null {
  const selection = {
    labelValues: only ?? listed.map(({ labelValue }) => labelValue),
    patterns: only === null ? discoveries.map(({ pattern }) => pattern) : [],
  };
  if (selection.labelValues.length + selection.patterns.length === 0) return null;
  return { engine, windowMs, matchers: renderMatchers(engine, selection) };
}

export function backpressureThresholdsOf({ listed, discoveries }: SensingScope): readonly number[] {
  return [...new Set([...listed, ...discoveries].map(({ policy }) => policy.backpressureThreshold))];
}

/** Presence first, then one query for each sensor that the engine has; none if there is no topology to look at. */
export function planQueries(sensing: SensingScope): PlannedQuery[] {
  const scope = queryScopeOf(sensing);
  if (scope === null) return [];
  const thresholds = backpressureThresholdsOf(sensing);
  const sensors = SENSORS.flatMap((sensor): PlannedQuery[] => {
    const promql = isAsked(sensing.engine, sensor) ? renderSensorQuery(scope, sensor, thresholds) : null;
    return promql === null ? [] : [{ purpose: sensor, promql }];
  });
  const patterns = sensing.discoveries.map(({ pattern }) => pattern);
  return [{ purpose: 'presence', promql: renderPresenceQuery(scope, patterns) }, ...sensors];
}

export function isAsked({ backpressureReportedBy }: Engine, sensor: SensorName): boolean {
  return sensor !== 'topology_suspended' || backpressureReportedBy === 'culprit';
}

/** The answer to a planned query. */
export interface PlannedAnswer {
  readonly purpose: PlannedQuery['purpose'];
  readonly answer: Answer<readonly VectorSample[]>;
}

/** @param answers one for each planned query */
export function sensorAnswersOf(engine: Engine, answers: readonly PlannedAnswer[]): SensorAnswers {
  const presence = answers.find(({ purpose }) => purpose === 'presence')?.answer;
  return {
    presence: mapAnswer(presence ?? NOT_ASKED, (samples) => presenceOf(samples, engine)),
    sensors: new Map(
      answers.flatMap(({ purpose, answer }) =>
        purpose === 'presence' ? [] : [[purpose, mapAnswer(answer, (samples) => statisticsOf(samples, engine))]],
      ),
    ),
  };
}

const NOT_ASKED = { kind: 'failed', because: 'it was not asked for' } as const;

function mapAnswer<From, To>(answer: Answer<From>, map: (content: From) => To): Answer<To> {
  return answer.kind === 'failed' ? answer : { kind: 'answered', content: map(answer.content) };
}
