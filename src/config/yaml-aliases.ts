// Resolves the aliases of a YAML document in one walk, and limits their expansion. yaml's own search starts over for every alias.
import { isAlias, isCollection, isPair, visit, type Alias, type Document, type Node } from 'yaml';

/** yaml's expansion visits all of them for each alias. */
const MAX_ANCHORS_AND_ALIASES = 10_000;
/** Parts (keys, values, lists, maps) that expansion may add to a document. */
const MAX_ADDED_PARTS = 1_000_000;

export interface AliasProblem {
  /** Where the problem shows. */
  readonly node: Node;
  readonly message: string;
}

export interface Aliases {
  /** The node that an alias stands for; any other node stands for itself. */
  readonly targetOf: (node: unknown) => unknown;
  /** Empty: the document can be expanded. */
  readonly problems: readonly AliasProblem[];
}

export function findAliases(document: Document.Parsed): Aliases {
  const anchored = new Map<string, Node>();
  const targets = new Map<unknown, Node>();
  const problems: AliasProblem[] = [];
  const marks: Node[] = [];
  visit(document, {
    Node(_key, node, ancestors) {
      if (isAlias(node)) {
        marks.push(node);
        const target = anchored.get(node.source);
        const message = target === undefined ? 'is no anchor set before' : 'stands for what it is a part of';
        if (target === undefined || ancestors.includes(target)) problems.push(problemOf(node, message));
        else targets.set(node, target);
        return;
      }
      if (node.anchor === undefined) return;
      marks.push(node);
      anchored.set(node.anchor, node);
    },
  });
  const last = marks.at(-1);
  if (last === undefined || problems.length > 0) {
    // There is nothing to expand, or the problems say why not.
  } else if (marks.length > MAX_ANCHORS_AND_ALIASES) {
    const allowed = `${MAX_ANCHORS_AND_ALIASES} are allowed`;
    problems.push({ node: last, message: `cannot be read: it holds ${marks.length} anchors and aliases, ${allowed}` });
  } else if (countAddedParts(document, targets) > MAX_ADDED_PARTS) {
    problems.push({ node: last, message: `cannot be read: its aliases stand for more than ${MAX_ADDED_PARTS} parts` });
  }
  return { targetOf: (node) => targets.get(node) ?? node, problems };
}

function problemOf(alias: Alias, message: string): AliasProblem {
  return { node: alias, message: `*${alias.source} ${message}` };
}

function countAddedParts(document: Document.Parsed, targets: ReadonlyMap<unknown, Node>): number {
  const sizes = new Map<unknown, number>();
  let written = 0;
  // An anchor precedes its aliases, so its size is known by then.
  const sizeOf = (node: unknown): number => {
    written += 1;
    if (isAlias(node)) return sizes.get(targets.get(node)) ?? 1;
    const children = isPair(node) ? [node.key, node.value] : isCollection(node) ? node.items : [];
    let size = 1;
    for (const child of children) size += sizeOf(child);
    sizes.set(node, size);
    return size;
  };
  return sizeOf(document.contents) - written;
}
