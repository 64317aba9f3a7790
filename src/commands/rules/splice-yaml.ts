// Edits a YAML text and leaves the rest of it unchanged, including comments and folding.
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml';

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export class SplicedYaml {
  readonly root: YAMLMap;
  readonly #source: string;
  readonly #lines = new LineCounter();
  readonly #splices: Splice[] = [];

  /** Throws if the text is not a single mapping. */
  constructor(source: string) {
    const document = parseDocument(source, { lineCounter: this.#lines });
    const [fault] = document.errors;
    if (fault !== undefined) throw fault;
    if (!isMap(document.contents)) throw new TypeError('the text is not a YAML mapping');
    this.root = document.contents;
    this.#source = source;
  }

  /** The mappings of a list; empty if the key is absent. */
  static maps(parent: YAMLMap, key: string): readonly YAMLMap[] {
    const list = parent.get(key);
    return isSeq(list) ? list.items.filter((item): item is YAMLMap => isMap(item)) : [];
  }

  /** Replaces a whole scalar, including its quotes; throws if the key has none. */
  set(parent: YAMLMap, key: string, text: string): void {
    const [start, end] = rangeOf(parent, key);
    this.#splices.push({ start, end, text });
  }

  /** Replaces a part of a scalar as written; throws if the scalar does not contain it. */
  replace(parent: YAMLMap, key: string, part: string, text: string): void {
    const [start, end] = rangeOf(parent, key);
    const written = this.#source.slice(start, end);
    if (!written.includes(part)) throw new TypeError(`${key} does not contain ${part}`);
    this.#splices.push({ start, end, text: written.replaceAll(part, () => text) });
  }

  /** Adds lines `key: value` before the first key of a block mapping, with its indentation. */
  prepend(map: YAMLMap, lines: readonly string[]): void {
    const [first] = map.items;
    const range = (first?.key as Node | undefined)?.range ?? null;
    if (range === null) throw new TypeError('the mapping is empty');
    const [start] = range;
    const indent = ' '.repeat(this.#lines.linePos(start).col - 1);
    this.#splices.push({ start, end: start, text: lines.map((line) => `${line}\n${indent}`).join('') });
  }

  /** The text with all edits. */
  render(): string {
    let text = this.#source;
    for (const { start, end, text: inserted } of this.#splices.toSorted((one, other) => other.start - one.start)) {
      text = text.slice(0, start) + inserted + text.slice(end);
    }
    return text;
  }
}

/** The range of a key's value, without the trailing text. */
function rangeOf(parent: YAMLMap, key: string): readonly [number, number] {
  const node = parent.get(key, true);
  const range = isScalar(node) ? (node.range ?? null) : null;
  if (range === null) throw new TypeError(`no ${key} in ${String(parent)}`);
  const [start, end] = range;
  return [start, end];
}
