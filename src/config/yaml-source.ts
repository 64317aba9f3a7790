// Parses YAML into its value and the place of each part in the text. Knows nothing of the configuration's keys.
import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node, type Pair } from 'yaml';
import { renderPath, type ConfigPath, type UnlocatedFault, type LocatedFault } from '../grammar/config-fault.js';
import { findAliases, type Aliases } from './yaml-aliases.js';

export interface YamlSource {
  /** Plain data; null for an empty file. */
  readonly value: unknown;
  /** Faults of the YAML itself that leave the value readable: keys given twice. */
  readonly faults: readonly LocatedFault[];
  /** The fault with its place and the text found there; for a part without a place, the nearest part around it. */
  locate(fault: UnlocatedFault): LocatedFault;
}

/** Parses YAML 1.2 with `<<` merge keys; `faults` if that is impossible. Runs in time linear in the text. */
export function parseYaml(text: string): YamlSource | { faults: LocatedFault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: true });
  const faultAt = (offset: number, message: string): LocatedFault => ({
    path: '',
    ...positionOf(lines, offset),
    value: null,
    message,
    suggestion: null,
  });
  // A warning is an unknown tag: its value would silently become something else.
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    return { faults: problems.map((problem) => faultAt(problem.pos[0], `is not valid YAML: ${problem.message}`)) };
  }
  const aliases = findAliases(document);
  if (aliases.problems.length > 0) {
    return { faults: aliases.problems.map(({ node, message }) => faultAt(offsetOf(node), message)) };
  }
  let value: unknown;
  try {
    // yaml-aliases.ts limits the expansion of aliases.
    value = document.toJS({ maxAliasCount: -1 });
  } catch (error) {
    // A merge of something that is not a map.
    return { faults: [faultAt(0, `cannot be read: ${error instanceof Error ? error.message : String(error)}`)] };
  }
  const places = new Places(document, aliases, lines, text);
  return { value, faults: places.duplicateKeys(), locate: (fault) => places.locate(fault) };
}

function positionOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  // An empty file has no lines to count.
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** The places of a document's parts. Maps and lists get an index each, since they are searched often. */
class Places {
  readonly #document: Document.Parsed;
  readonly #aliases: Aliases;
  readonly #lines: LineCounter;
  readonly #text: string;
  readonly #pairs = new Map<unknown, ReadonlyMap<string, Pair>>();
  readonly #steps = new Map<unknown, ReadonlyMap<unknown, string | number>>();

  constructor(document: Document.Parsed, aliases: Aliases, lines: LineCounter, text: string) {
    this.#document = document;
    this.#aliases = aliases;
    this.#lines = lines;
    this.#text = text;
  }

  duplicateKeys(): LocatedFault[] {
    const faults: LocatedFault[] = [];
    visit(this.#document, {
      Map: (_key, map, ancestors) => {
        const firstLines = new Map<string, number>();
        for (const pair of map.items) {
          const key = this.#keyOf(pair);
          const place = positionOf(this.#lines, offsetOf(pair.key));
          const firstLine = firstLines.get(key);
          if (firstLine === undefined) {
            firstLines.set(key, place.line);
            continue;
          }
          const path = renderPath([...this.#pathOf([...ancestors, map]), key]);
          const message = `is given twice, first in line ${firstLine}`;
          faults.push({ path, ...place, value: null, message, suggestion: null });
        }
      },
    });
    return faults;
  }

  locate(fault: UnlocatedFault): LocatedFault {
    let key: unknown = null;
    let value: unknown = this.#document.contents;
    let isWhole = true;
    for (const step of fault.path) {
      const found = this.#stepInto(value, step);
      if (found === null) {
        isWhole = false;
        break;
      }
      // An item of a list has no key: its own start stands for it.
      key = found.key ?? found.value;
      value = found.value ?? found.key;
    }
    const isAtKey = fault.isAboutKey === true || !isScalar(value);
    return {
      path: renderPath(fault.path),
      ...positionOf(this.#lines, offsetOf(isAtKey ? (key ?? value) : value)),
      value: isWhole && !isAtKey ? textOf(value, this.#text, fault.path) : null,
      message: fault.message,
      suggestion: fault.suggestion ?? null,
      ...(fault.explain === undefined ? {} : { explain: fault.explain }),
    };
  }

  /** Keys and indices along a chain of nodes from the document down. */
  #pathOf(chain: readonly unknown[]): ConfigPath {
    return chain.flatMap((node, index) => this.#stepsBelow(node).get(chain[index + 1]) ?? []);
  }

  #stepsBelow(node: unknown): ReadonlyMap<unknown, string | number> {
    const known = this.#steps.get(node);
    if (known !== undefined) return known;
    const steps = new Map<unknown, string | number>();
    if (isSeq(node)) for (const [index, item] of node.items.entries()) steps.set(item, index);
    if (isMap(node)) for (const pair of node.items) steps.set(pair, this.#keyOf(pair));
    this.#steps.set(node, steps);
    return steps;
  }

  #stepInto(node: unknown, step: string | number): { key: unknown; value: unknown } | null {
    const target = this.#aliases.targetOf(node);
    if (isSeq(target) && typeof step === 'number') {
      return step < target.items.length ? { key: null, value: target.items[step] } : null;
    }
    if (!isMap(target) || typeof step === 'number') return null;
    const pairs = this.#pairsOf(target, target.items);
    const pair = pairs.get(step);
    if (pair !== undefined) return { key: pair.key, value: pair.value };
    const merged = this.#aliases.targetOf(pairs.get('<<')?.value);
    const sources = isSeq(merged) ? merged.items : [merged];
    for (const source of sources) {
      const found = this.#stepInto(source, step);
      if (found !== null) return found;
    }
    return null;
  }

  /** The first of several entries with one key. */
  #pairsOf(map: unknown, items: readonly Pair[]): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map);
    if (known !== undefined) return known;
    const pairs = new Map<string, Pair>();
    for (const pair of items) {
      const key = this.#keyOf(pair);
      if (!pairs.has(key)) pairs.set(key, pair);
    }
    this.#pairs.set(map, pairs);
    return pairs;
  }

  #keyOf(pair: Pair): string {
    const node = this.#aliases.targetOf(pair.key);
    const key = isScalar(node) ? node.value : node;
    // A merge key is a symbol with the text `<<`.
    return typeof key === 'symbol' ? (key.description ?? '') : String(key);
  }
}

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

/** Under these keys, and in any URL with user info, a value may be a credential that must not reach a terminal or a log. */
const SECRET_PARENTS = new Set<string | number>(['headers', 'http_headers', 'query_params', 'basic_auth_users']);

function textOf(node: unknown, text: string, path: ConfigPath): string | null {
  const range = isScalar(node) ? node.range : null;
  if (range === null || range === undefined || range[0] === range[1]) return null;
  const written = text.slice(range[0], range[1]).trim();
  if (path.some((step) => SECRET_PARENTS.has(step)) || /:\/\/[^\s]*@/.test(written)) return null;
  const [first = '', ...more] = written.split('\n');
  return more.length > 0 || first.length > 80 ? `${first.slice(0, 80)}…` : first;
}
