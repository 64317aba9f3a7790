// PURE: an engine's sensors as Prometheus recording rules, for the engine `recorded`. What a sensor measures is the
// engine's; the rule only renames its labels, so that raw and recorded series cannot disagree.
import { SENSORS, type SensorName } from '../../src/model/measurement.js';
import { renderExpression } from '../../src/sensors/instance-vectors.js';
import type { WholeEngineEntry } from '../../src/config/engine-schema.js';

/** `source` is not a sensor: it is 1 for every instance of a source. */
export type RecordedName = Exclude<SensorName, 'parallelism'> | 'source';

/** The series that rules/recording-*.yml record. NaN is recorded as such: it says that an instance is there. */
export function recordedSeries(name: RecordedName): string {
  return `dhalion:instance_${name}:current`;
}

const INSTANCE_LABELS = ['topology', 'operator', 'operator_instance'] as const;

/**
 * The text of a rule file with one group and a rule for each of the engine's sensors.
 * @param interval how often they are recorded, as Prometheus writes durations
 * @param callLabels further labels that the backpressure series keep, since calls of webhooks need them (call-labels.ts).
 *   After a job is submitted again they make two series of an instance for as long as the raw ones overlap, which is at most
 *   Prometheus' look-back; queries take the larger, as they do of raw ones.
 */
export function renderRecordingRules(
  name: string,
  engine: WholeEngineEntry,
  interval: string,
  callLabels: readonly string[] = [],
): string {
  const own = engine.matchers.replace(/[\s,]+$/, '');
  // Every topology; and never empty, so that `{$matchers, …}` stays valid.
  const matchers = [...(own === '' ? [] : [own]), `${engine.labels.topology}!=""`].join(', ');
  const sensors = SENSORS.filter((sensor) => sensor !== 'parallelism').flatMap((sensor) => {
    const written = engine.sensors[sensor];
    if (written === undefined) return [];
    const alternatives = [written].flat().map((expression) => renderExpression(expression, matchers));
    return [renderSensorRule(sensor, engine, alternatives, sensor === 'backpressure' ? callLabels : [])];
  });
  const sources =
    engine.sources === null
      ? []
      : [renderRule('source', renderByInstance('group', engine, renderExpression(engine.sources, matchers)))];
  return [
    `# One series an operator instance and sensor, for Dhalion's engine \`recorded\`: see README.md.`,
    `# Made from src/sensors/engines/${name}-engine.ts by: npx tap --snapshot test/rules/recording-rules.test.ts`,
    'groups:',
    `  - name: dhalion-recording-${name}`,
    `    interval: ${interval}`,
    '    rules:',
    ...[...sensors, ...sources].map((rule) => indent(rule, 6)),
    '',
  ].join('\n');
}

function renderSensorRule(
  sensor: Exclude<SensorName, 'parallelism'>,
  engine: WholeEngineEntry,
  alternatives: readonly string[],
  kept: readonly string[],
): string {
  if (sensor === 'topology_suspended') {
    const renamed = renderRenamed(alternatives.join(' or '), engine.labels.topology, 'topology');
    return renderRule(sensor, `max by (topology) (\n${indent(renamed, 2)}\n)`);
  }
  const byInstance = alternatives.map((expression) => renderByInstance('max', engine, expression, kept));
  // The first that is above 0, else the first that has a value. By instance, so that all series are without a name.
  const all = byInstance.length === 1 ? byInstance : [...byInstance.map((vector) => `(${vector}) > 0`), ...byInstance];
  return renderRule(sensor, all.join('\nor\n'));
}

/** What restarts make of one instance, two series with different ids, becomes one again: the larger, as in raw queries. */
function renderByInstance(
  aggregation: 'max' | 'group',
  { labels }: WholeEngineEntry,
  expression: string,
  kept: readonly string[] = [],
): string {
  const renamed = INSTANCE_LABELS.reduce((vector, label) => renderRenamed(vector, labels[label], label), expression);
  return `${aggregation} by (${[...INSTANCE_LABELS, ...kept].join(', ')}) (\n${indent(renamed, 2)}\n)`;
}

function renderRenamed(vector: string, from: string, to: string): string {
  if (from === to) return vector;
  return `label_replace(\n${indent(vector, 2)},\n  "${to}", "$1", "${from}", "(.*)"\n)`;
}

function renderRule(name: RecordedName, expression: string): string {
  return `- record: ${recordedSeries(name)}\n  expr: |\n${indent(expression, 4)}`;
}

function indent(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
}
