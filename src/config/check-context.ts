// The input of every check, and the look-ups that several checks share.
import { configSchema } from './config-schema.js';
import type { UnlocatedFault } from '../grammar/config-fault.js';
import { durationMsOf, entriesOf, partAt, textOf, type DocumentPart } from '../grammar/document-part.js';
import { parseDuration } from '../grammar/duration.js';
import type { FileAccess } from '../grammar/http-config-checks.js';
import type { EngineEntry } from './engine-schema.js';

export type BuiltInEngines = Readonly<Record<string, EngineEntry>>;

export interface CheckContext extends FileAccess {
  readonly root: DocumentPart;
  readonly builtInEngines: BuiltInEngines;
}

export type Check = (context: CheckContext) => UnlocatedFault[];

export function engineNames({ root, builtInEngines }: CheckContext): Set<string> {
  const own = entriesOf(partAt(root, 'engines')).map(([name]) => name);
  return new Set([...Object.keys(builtInEngines), ...own]);
}

export function builtInEngine(context: CheckContext, name: string): EngineEntry | null {
  return Object.hasOwn(context.builtInEngines, name) ? (context.builtInEngines[name] ?? null) : null;
}

/** A key of an engine: from the file if the file has it, else from the built-in engine. */
export function engineValue(context: CheckContext, engine: string, ...steps: readonly string[]): DocumentPart {
  const own = partAt(context.root, 'engines', engine, ...steps);
  if (own.value !== undefined) return own;
  const builtIn = partAt({ path: [], value: builtInEngine(context, engine) }, ...steps);
  return { path: own.path, value: builtIn.value };
}

/** null: the text is not a duration. */
export function windowMsOf({ root }: CheckContext): number | null {
  for (const key of ['window', 'evaluation_interval']) {
    const part = partAt(root, key);
    if (part.value !== undefined) return durationMsOf(part);
  }
  return parseDuration(configSchema.properties.evaluation_interval.default);
}

/** Each topology's part with the name of its engine; null: the name is not a text. */
export function engineOf(topology: DocumentPart): string | null {
  return textOf(partAt(topology, 'engine'));
}

/** Second and later occurrences of a value that must be unique. */
export function findRepeated<Item>(
  items: readonly Item[],
  identityOf: (item: Item) => string | null,
): { item: Item; first: Item }[] {
  const firsts = new Map<string, Item>();
  return items.flatMap((item) => {
    const identity = identityOf(item);
    if (identity === null) return [];
    const first = firsts.get(identity);
    if (first !== undefined) return [{ item, first }];
    firsts.set(identity, item);
    return [];
  });
}
