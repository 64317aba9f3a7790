// Merges a built-in engine with the file's entry of the same name.
import { DhalionError } from '../errors.js';
import type { SensorName } from '../model/measurement.js';
import type { Engine } from './configuration.js';
import { engineSchema, REQUIRED_LABELS, type EngineEntry } from './engine-schema.js';
import { durationMs } from '../grammar/duration.js';

const { properties } = engineSchema;

/**
 * The file's entry overrides the built-in one key by key, also inside labels and sensors; null removes a sensor. If the file
 * names other labels for instances, the built-in expressions group by those.
 */
export function mergeEngineEntries(builtIn: EngineEntry, own: EngineEntry): EngineEntry {
  const labels = { ...builtIn.labels, ...own.labels };
  const renamed = new Map(
    REQUIRED_LABELS.map((label): [string, string] => [builtIn.labels?.[label] ?? '', labels[label] ?? '']),
  );
  const sensors = Object.entries(builtIn.sensors ?? {}).map(([name, expressions]) => [
    name,
    alternativesOf(expressions).map((expression) => groupedBy(renamed, expression)),
  ]);
  return {
    ...builtIn,
    ...own,
    labels,
    identity: { ...builtIn.identity, ...own.identity },
    sensors: { ...(Object.fromEntries(sensors) as EngineEntry['sensors']), ...own.sensors },
  };
}

/** `sum by (job_name, task_name)`, `or on (job_name)`: only these lists are renamed, since a name elsewhere may mean something else. */
function groupedBy(renamed: ReadonlyMap<string, string>, expression: string): string {
  return expression.replace(/\b(by|on) \(([\w, ]*)\)/g, (_, grouping: string, list: string) => {
    const labels = list.split(/, */).map((label) => renamed.get(label) ?? label);
    return `${grouping} (${labels.join(', ')})`;
  });
}

/** A twentieth of the window, within 1 s and 1 min: 5m ⇒ 15s. */
export function defaultResolutionMs(windowMs: number): number {
  return Math.min(60_000, Math.max(1000, Math.round(windowMs / 20)));
}

/** Throws `config_invalid` if the entry lacks a key that every engine needs. */
export function buildEngine(name: string, entry: EngineEntry, windowMs: number): Engine {
  const { labels, sensors, backpressure_reported_by: reportedBy } = entry;
  if (
    labels?.topology === undefined ||
    labels.operator === undefined ||
    labels.operator_instance === undefined ||
    reportedBy === undefined
  ) {
    throw new DhalionError('config_invalid', `engine ${name} lacks labels or backpressure_reported_by`);
  }
  const resolution = entry.resolution ?? null;
  return {
    name,
    labels: { topology: labels.topology, operator: labels.operator, operatorInstance: labels.operator_instance },
    identity: {
      topology: entry.identity?.topology ?? [],
      operator: entry.identity?.operator ?? [],
      attempt: entry.identity?.attempt ?? [],
    },
    matchers: entry.matchers ?? properties.matchers.default,
    resolutionMs: resolution === null ? defaultResolutionMs(windowMs) : durationMs(resolution),
    seriesTtlMs: durationMs(entry.series_ttl ?? properties.series_ttl.default),
    backpressureReportedBy: reportedBy,
    contiguousInstances: entry.contiguous_instances ?? properties.contiguous_instances.default,
    sources: entry.sources ?? properties.sources.default,
    sensors: presentSensors(sensors ?? {}),
  };
}

function presentSensors(sensors: NonNullable<EngineEntry['sensors']>): Engine['sensors'] {
  const present: Partial<Record<SensorName, readonly string[]>> = {};
  for (const name of Object.keys(sensors) as SensorName[]) {
    const alternatives = alternativesOf(sensors[name]);
    if (alternatives.length > 0) present[name] = alternatives;
  }
  return present;
}

function alternativesOf(written: string | readonly string[] | null | undefined): readonly string[] {
  return written === null || written === undefined ? [] : [written].flat();
}
