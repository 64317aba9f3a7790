// A place in the parsed document, which may still be invalid: checks walk through these and skip parts with the wrong shape, since
// the schema check reports those. So one run finds every fault.
import { parseDuration } from './duration.js';
import type { ConfigPath } from './config-fault.js';

export interface DocumentPart {
  readonly path: ConfigPath;
  /** undefined: not given. */
  readonly value: unknown;
}

export function rootPart(value: unknown): DocumentPart {
  return { path: [], value };
}

/** The part below; its value is undefined if absent. */
export function partAt(part: DocumentPart, ...steps: readonly string[]): DocumentPart {
  return steps.reduce<DocumentPart>(
    ({ path, value }, step) => ({
      path: [...path, step],
      value: isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined,
    }),
    part,
  );
}

/** Stands for a part that is not there because nothing names it: an entry may bear the empty name, though it may not keep it. */
export const NO_PART: DocumentPart = { path: [], value: undefined };

/** The entry that the text of another part names; `NO_PART`: that is no text. */
export function namedBy(entries: DocumentPart, naming: DocumentPart): DocumentPart {
  const name = textOf(naming);
  return name === null ? NO_PART : partAt(entries, name);
}

export function itemsOf({ path, value }: DocumentPart): DocumentPart[] {
  return Array.isArray(value) ? value.map((item: unknown, index) => ({ path: [...path, index], value: item })) : [];
}

export function entriesOf(part: DocumentPart): [string, DocumentPart][] {
  return isMap(part.value) ? Object.keys(part.value).map((key) => [key, partAt(part, key)]) : [];
}

/** Given, and not null. */
export function isGiven(part: DocumentPart): boolean {
  return part.value !== undefined && part.value !== null;
}

export function textOf({ value }: DocumentPart): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function integerOf({ value }: DocumentPart): number | null {
  return Number.isInteger(value) ? (value as number) : null;
}

export function durationMsOf({ value }: DocumentPart): number | null {
  return typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : null;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
