// Checks policy across its layers, which no schema can: bounds that contradict each other, and operators that `enforce` could
// scale up without a bound.
import { builtInEngine, engineOf, type CheckContext } from './check-context.js';
import type { ConfigPath, UnlocatedFault } from '../grammar/config-fault.js';
import { integerOf, isGiven, itemsOf, namedBy, partAt, textOf, type DocumentPart } from '../grammar/document-part.js';
import { policySchema } from './policy-schema.js';

/** Settings of one layer; `blame`: where a fault points if they are not in the file. */
export interface Layer {
  readonly settings: DocumentPart;
  readonly blame: ConfigPath | null;
}

export function findPolicyFaults(context: CheckContext): UnlocatedFault[] {
  const general = layerOf(partAt(context.root, 'policy'));
  return [
    ...contradictoryBounds([general]),
    ...itemsOf(partAt(context.root, 'topologies')).flatMap((topology) => {
      const layers = layersOf(context, topology, general);
      const operators = itemsOf(partAt(topology, 'operators'));
      const subjects = operators.length > 0 ? operators.map((operator) => [layerOf(operator), ...layers]) : [layers];
      return [
        ...subjects.flatMap(contradictoryBounds),
        ...(mayScaleUp(topology, layers) ? unboundedOperators(topology, operators, layers) : []),
      ];
    }),
  ];
}

export function layerOf(settings: DocumentPart): Layer {
  return { settings, blame: null };
}

/** The topology's own, its engine's, the general ones and the built-in engine's, most specific first. */
export function layersOf(context: CheckContext, topology: DocumentPart, general: Layer): Layer[] {
  const engine = engineOf(topology);
  return [
    layerOf(partAt(topology, 'policy')),
    layerOf(partAt(namedBy(partAt(context.root, 'engines'), partAt(topology, 'engine')), 'policy')),
    general,
    {
      settings: { path: [], value: engine === null ? undefined : builtInEngine(context, engine)?.policy },
      blame: topology.path,
    },
  ];
}

/** The most specific value of a key; null counts, since it removes a bound. */
export function settingOf(
  layers: readonly Layer[],
  key: string,
): { part: DocumentPart; rank: number; blame: ConfigPath } | null {
  for (const [rank, { settings, blame }] of layers.entries()) {
    const part = partAt(settings, key);
    if (part.value !== undefined) return { part, rank, blame: blame ?? part.path };
  }
  return null;
}

function contradictoryBounds(layers: readonly Layer[]): UnlocatedFault[] {
  const least = settingOf(layers, 'min_parallelism');
  const most = settingOf(layers, 'max_parallelism');
  if (least === null || most === null) return [];
  const [min, max] = [integerOf(least.part), integerOf(most.part)];
  if (min === null || max === null || min <= max) return [];
  const isAboutMin = least.rank < most.rank;
  const message = isAboutMin
    ? `must be at most max_parallelism, which is ${max}`
    : `must be at least min_parallelism, which is ${min}`;
  return [{ path: (isAboutMin ? least : most).blame, message }];
}

/** Without a webhook that scales up there is nothing to enforce, so no bound is needed. */
function mayScaleUp(topology: DocumentPart, layers: readonly Layer[]): boolean {
  const webhook = partAt(topology, 'webhook');
  const isRouted = textOf(webhook) !== null || textOf(partAt(webhook, 'scale_up')) !== null;
  const mode = settingOf(layers, 'mode')?.part.value ?? policySchema.properties.mode.default;
  return isRouted && mode === 'enforce';
}

function unboundedOperators(
  topology: DocumentPart,
  operators: readonly DocumentPart[],
  layers: readonly Layer[],
): UnlocatedFault[] {
  const isBounded = (some: readonly Layer[]): boolean => {
    const setting = settingOf(some, 'max_parallelism');
    return setting !== null && isGiven(setting.part);
  };
  const consequence = 'mode enforce with a webhook that scales up must be bounded';
  if (operators.length === 0) {
    const message = `lacks policy.max_parallelism (here or in a policy above): ${consequence}`;
    return isBounded(layers) ? [] : [{ path: topology.path, message }];
  }
  return operators
    .filter((operator) => !isBounded([layerOf(operator), ...layers]))
    .map(({ path }) => ({ path, message: `lacks max_parallelism (here or in a policy): ${consequence}` }));
}
