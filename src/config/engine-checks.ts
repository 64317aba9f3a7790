// Checks `engines` beyond the schema: required keys of a new engine, `$matchers` in expressions, resolution and window.
import { engineNames, engineOf, engineValue, builtInEngine, findRepeated, windowMsOf } from './check-context.js';
import type { CheckContext } from './check-context.js';
import { listNames, nearestName, type UnlocatedFault } from '../grammar/config-fault.js';
import {
  durationMsOf,
  entriesOf,
  isGiven,
  itemsOf,
  partAt,
  textOf,
  type DocumentPart,
} from '../grammar/document-part.js';
import { renderDuration } from '../grammar/duration.js';
import { REQUIRED_LABELS, REQUIRED_SENSORS } from './engine-schema.js';
import { defaultResolutionMs } from './engine-merge.js';

/** A slope needs at least this many points in a window. */
const STEPS_IN_WINDOW = 3;

export function findEngineFaults(context: CheckContext): UnlocatedFault[] {
  const own = entriesOf(partAt(context.root, 'engines'));
  return [
    ...own.flatMap(([name, engine]) => [
      ...(builtInEngine(context, name) === null ? missingFromNew(context, engine) : removedFromBuiltIn(engine)),
      ...equalLabels(context, name, engine),
      ...wrongMatchers(partAt(engine, 'matchers')),
      ...expressionsOf(engine).flatMap(lacksMatchers),
    ]),
    ...coarseResolutions(context),
  ];
}

function missingFromNew({ builtInEngines }: CheckContext, engine: DocumentPart): UnlocatedFault[] {
  const missing = [
    ...REQUIRED_LABELS.filter((label) => !isGiven(partAt(engine, 'labels', label))).map((label) => `labels.${label}`),
    ...(isGiven(partAt(engine, 'backpressure_reported_by')) ? [] : ['backpressure_reported_by']),
    ...REQUIRED_SENSORS.filter((sensor) => !isGiven(partAt(engine, 'sensors', sensor))).map((key) => `sensors.${key}`),
  ];
  if (missing.length === 0) return [];
  const message = `lacks ${listNames(missing)}, which an engine that is not built in needs`;
  const suggestion = nearestName(String(engine.path.at(-1)), Object.keys(builtInEngines));
  return [{ path: engine.path, message, suggestion }];
}

function removedFromBuiltIn(engine: DocumentPart): UnlocatedFault[] {
  return REQUIRED_SENSORS.map((sensor) => partAt(engine, 'sensors', sensor))
    .filter((part) => part.value === null)
    .map(({ path }) => ({ path, message: 'cannot be removed: every engine needs this sensor' }));
}

function equalLabels(context: CheckContext, name: string, engine: DocumentPart): UnlocatedFault[] {
  const labels = REQUIRED_LABELS.map((key) => engineValue(context, name, 'labels', key));
  // The other of two equal labels may come from the built-in engine: point at the one that the file has.
  return findRepeated(labels, textOf).map(({ item, first }) => {
    const isWritten = partAt(engine, 'labels', String(item.path.at(-1))).value !== undefined;
    const [wrong, other] = isWritten ? [item, first] : [first, item];
    return { path: wrong.path, message: `must differ from labels.${other.path.at(-1) ?? ''}` };
  });
}

/** The text between PromQL's braces: empty, or label matchers separated by commas. */
const MATCHERS =
  /^(?:\s*|(?:\s*(?:[A-Za-z_][A-Za-z0-9_]*|"(?:[^"\\\n]|\\.)+")\s*(?:=~|!~|!=|=)\s*(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)\s*(?:,(?!\s*$)|$))+)$/;

export function wrongMatchers(part: DocumentPart): UnlocatedFault[] {
  const written = textOf(part);
  if (written === null || MATCHERS.test(written)) return [];
  return [
    { path: part.path, message: 'must be label matchers as inside PromQL braces, such as cluster="prod",env=~"a|b"' },
  ];
}

function expressionsOf(engine: DocumentPart): DocumentPart[] {
  const sensors = entriesOf(partAt(engine, 'sensors')).map(([, part]) => part);
  return [partAt(engine, 'sources'), ...sensors, ...sensors.flatMap(itemsOf)];
}

function lacksMatchers(part: DocumentPart): UnlocatedFault[] {
  const expression = textOf(part);
  if (expression === null || /\$matchers\b/.test(expression)) return [];
  return [{ path: part.path, message: 'lacks $matchers in its braces: it would read the series of every job' }];
}

function coarseResolutions(context: CheckContext): UnlocatedFault[] {
  const windowMs = windowMsOf(context);
  if (windowMs === null) return [];
  const topologies = itemsOf(partAt(context.root, 'topologies'));
  const own = entriesOf(partAt(context.root, 'engines')).map(([name]) => name);
  const known = engineNames(context);
  const names = new Set(
    [...own, ...topologies.flatMap((topology) => engineOf(topology) ?? [])].filter((name) => known.has(name)),
  );
  return [...names].flatMap((name) => {
    const written = engineValue(context, name, 'resolution');
    const resolutionMs = isGiven(written) ? durationMsOf(written) : defaultResolutionMs(windowMs);
    if (resolutionMs === null || windowMs >= STEPS_IN_WINDOW * resolutionMs) return [];
    const leastMs = renderDuration(STEPS_IN_WINDOW * resolutionMs);
    const message = `the window of ${renderDuration(windowMs)} must be at least ${STEPS_IN_WINDOW} times the resolution of engine ${name}, ${leastMs}`;
    return [{ path: placeOfResolution(context, name), message }];
  });
}

/** The key that the user can change: the engine's resolution if the file has it, else the window. */
function placeOfResolution({ root }: CheckContext, engine: string): UnlocatedFault['path'] {
  const places = [
    partAt(root, 'engines', engine, 'resolution'),
    partAt(root, 'window'),
    partAt(root, 'evaluation_interval'),
  ];
  return places.find(isGiven)?.path ?? [];
}
