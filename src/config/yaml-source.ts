// The configuration file as YAML: its value, and where in the text each part of it stands.
// Knows nothing of what the configuration may contain.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { renderPath, type ConfigPath, type Fault, type Finding } from './config-fault.js';

export interface YamlSource {
  /** Plain data; null for an empty file. */
  readonly value: unknown;
  /** Faults of the YAML itself that leave the value readable: keys given twice. */
  readonly faults: readonly Fault[];
  /** The finding with its place and the text found there; of what stands nowhere, the nearest part around it. */
  locate(finding: Finding): Fault;
}

/** Parses YAML 1.2 (with `<<` merge keys); `faults` if that is impossible. */
export function parseYaml(text: string): YamlSource | { faults: Fault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: true });
  const faultAt = (offset: number, message: string): Fault => ({
    path: '',
    ...positionOf(lines, offset),
    value: null,
    message,
    suggestion: null,
  });
  // A warning is a tag that is not understood: its value would silently be read as something else.
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    return { faults: problems.map((problem) => faultAt(problem.pos[0], `is not valid YAML: ${problem.message}`)) };
  }
  const unknownAliases = findUnknownAliases(document);
  if (unknownAliases.length > 0) {
    return {
      faults: unknownAliases.map((alias) => faultAt(offsetOf(alias), `*${alias.source} is no anchor set before`)),
    };
  }
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // Aliases that expand to far more than was written.
    return { faults: [faultAt(0, `cannot be read: ${error instanceof Error ? error.message : String(error)}`)] };
  }
  return {
    value,
    faults: duplicateKeys(document, lines),
    locate: (finding) => locateIn(document, lines, text, finding),
  };
}

function positionOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  // An empty file has no lines to count.
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function findUnknownAliases(document: Document.Parsed): Alias[] {
  const aliases: Alias[] = [];
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) === undefined) aliases.push(alias);
    },
  });
  return aliases;
}

function duplicateKeys(document: Document.Parsed, lines: LineCounter): Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Map(_key, map, ancestors) {
      const firstLines = new Map<string, number>();
      for (const pair of map.items) {
        const key = keyOf(pair);
        const place = positionOf(lines, offsetOf(pair.key));
        const firstLine = firstLines.get(key);
        if (firstLine === undefined) firstLines.set(key, place.line);
        else {
          const path = renderPath([...pathOf([...ancestors, map]), key]);
          faults.push({
            path,
            ...place,
            value: null,
            message: `is given twice, first in line ${firstLine}`,
            suggestion: null,
          });
        }
      }
    },
  });
  return faults;
}

/** Keys and indices along a chain of nodes from the document down. */
function pathOf(chain: readonly unknown[]): ConfigPath {
  return chain.flatMap<string | number>((node, index) => {
    const child = chain[index + 1];
    if (isSeq(node)) return [node.items.indexOf(child)];
    if (isMap(node)) return node.items.filter((pair) => pair === child).map(keyOf);
    return [];
  });
}

function keyOf(pair: Pair): string {
  const key = isScalar(pair.key) ? pair.key.value : pair.key;
  // A merge key is a symbol with the text `<<`.
  return typeof key === 'symbol' ? (key.description ?? '') : String(key);
}

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

function locateIn(document: Document.Parsed, lines: LineCounter, text: string, finding: Finding): Fault {
  let key: unknown = null;
  let value: unknown = document.contents;
  let isWhole = true;
  for (const step of finding.path) {
    const found = stepInto(document, value, step);
    if (found === null) {
      isWhole = false;
      break;
    }
    // An item of a list has no key: its own start stands for it.
    key = found.key ?? found.value;
    value = found.value ?? found.key;
  }
  const isAtKey = finding.isAboutKey === true || !isScalar(value);
  return {
    path: renderPath(finding.path),
    ...positionOf(lines, offsetOf(isAtKey ? (key ?? value) : value)),
    value: isWhole && !isAtKey ? textOf(value, text, finding.path) : null,
    message: finding.message,
    suggestion: finding.suggestion ?? null,
  };
}

function stepInto(
  document: Document.Parsed,
  node: unknown,
  step: string | number,
): { key: unknown; value: unknown } | null {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(target) && typeof step === 'number') {
    return step < target.items.length ? { key: null, value: target.items[step] } : null;
  }
  if (!isMap(target)) return null;
  const pair = target.items.find((item) => keyOf(item) === step);
  if (pair !== undefined) return { key: pair.key, value: pair.value };
  const merged = target.items.find((item) => keyOf(item) === '<<')?.value;
  const sources = isSeq(merged) ? merged.items : [merged];
  return sources.reduce<{ key: unknown; value: unknown } | null>(
    (found, source) => found ?? (isAlias(source) || isMap(source) ? stepInto(document, source, step) : null),
    null,
  );
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
