// A fault of the configuration file: its place, what is wrong, what is allowed, and the nearest known name.
// A check states an UnlocatedFault by path; yaml-source.ts knows its line, column and text.
import leven from 'leven';

export type ConfigPath = readonly (string | number)[];

/** What a check found wrong, not yet located in the file. */
export interface UnlocatedFault {
  /** Path of the wrong value, or of the part that lacks something; empty: the document. */
  readonly path: ConfigPath;
  /** What is wrong with it; follows the path in a message. */
  readonly message: string;
  readonly suggestion?: string | null;
  /**
   * A longer form of `message`. Evaluated only for a fault that is shown: finding the nearest of many names takes
   * time.
   */
  readonly explain?: () => Explanation;
  /** Points at the key rather than at its value, and does not quote the value. */
  readonly isAboutKey?: boolean;
}

export interface Explanation {
  readonly message: string;
  readonly suggestion?: string | null;
}

export interface Fault {
  /** `topologies[0].operators[1].max_parallelism`; empty: the document. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** As written, on one line; null if there is none or it may be a secret. */
  readonly value: string | null;
  readonly message: string;
  /** The name that was probably meant. */
  readonly suggestion: string | null;
}

export interface LocatedFault extends Fault {
  readonly explain?: () => Explanation;
}

/** The faults of a file, in order: the first hundred, and the number of others. */
export interface Faults {
  readonly faults: readonly Fault[];
  readonly more: number;
}

const MAX_SHOWN = 100;

/** Each fault once: operators that share a wrong policy all report it. */
export function showFaults(located: readonly LocatedFault[]): Faults {
  const distinct = new Map(located.map((fault) => [`${placeOf(fault)}\n${fault.message}`, fault]));
  const inOrder = [...distinct.values()].sort((one, other) => one.line - other.line || one.column - other.column);
  const faults = inOrder.slice(0, MAX_SHOWN).map(({ explain, ...fault }) => ({ ...fault, ...explain?.() }));
  return { faults, more: inOrder.length - faults.length };
}

/** Invalid YAML has no path. */
function placeOf({ path, line, column }: Fault): string {
  return path === '' ? `${line}:${column}` : path;
}

export function renderPath(path: ConfigPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** `dhalion.yml:12:11: topologies[0].engine: names no engine (…); found flnk; did you mean "flink"?` */
export function renderFault(fault: Fault, fileName: string): string {
  const subject = fault.path === '' ? '' : `${fault.path}: `;
  const value = fault.value === null ? '' : `; found ${fault.value}`;
  const suggestion = fault.suggestion === null ? '' : `; did you mean "${fault.suggestion}"?`;
  const isVariable = /\$\{[A-Za-z_]\w*\}/.test(fault.value ?? '');
  const variable = isVariable ? '; the environment is not expanded: write the value itself' : '';
  return `${fileName}:${fault.line}:${fault.column}: ${subject}${fault.message}${value}${variable}${suggestion}`;
}

/** One line per fault, and one for the faults that are not shown. */
export function renderFaults({ faults, more }: Faults, fileName: string): string[] {
  const lines = faults.map((fault) => renderFault(fault, fileName));
  return more === 0 ? lines : [...lines, `${fileName}: and ${more} more ${more === 1 ? 'fault' : 'faults'}`];
}

/** The known name with the fewest edits, ignoring case, if these are at most 2 in 5 of the letters written (at least 1); else null. */
export function nearestName(written: string, known: Iterable<string>): string | null {
  let nearest: string | null = null;
  let fewest = Math.max(1, Math.floor(written.length * 0.4)) + 1;
  for (const name of known) {
    if (Math.abs(name.length - written.length) >= fewest) continue;
    const edits = editsBetween(written.toLowerCase(), name.toLowerCase());
    if (edits < fewest && edits < name.length) [nearest, fewest] = [name, edits];
  }
  return nearest;
}

/** Levenshtein distance, except that two neighbours in the wrong order count as one edit: `ulr` for `url`. */
function editsBetween(written: string, name: string): number {
  const at = Array.from(name).findIndex((letter, index) => written[index] !== letter);
  const swapped = name.slice(0, at) + name.slice(at + 1, at + 2) + name.slice(at, at + 1) + name.slice(at + 2);
  return at >= 0 && swapped === written ? 1 : leven(written, name);
}

/** A fault about an unknown name; `message`: what it does not match. */
export function unknownName(
  path: ConfigPath,
  written: string,
  message: string,
  known: Iterable<string>,
): UnlocatedFault {
  const explain = (): Explanation => ({
    message: `${message}; there are ${listKnown(known)}`,
    suggestion: nearestName(written, known),
  });
  return { path, message, explain };
}

const MAX_LISTED = 30;

/** As `listNames`, but only the first thirty of more names. */
function listKnown(names: Iterable<string>): string {
  const all = [...names];
  const others = all.length - MAX_LISTED;
  return listNames(others <= 0 ? all : [...all.slice(0, MAX_LISTED), `${others} more`]);
}

/** `flink, heron and recorded`, or `none`. */
export function listNames(names: Iterable<string>): string {
  const all = [...names];
  if (all.length < 2) return all[0] ?? 'none';
  return `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}
