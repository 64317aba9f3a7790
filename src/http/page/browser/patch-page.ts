// Updates a part of the document to match a view and changes only what differs: focus, selection, scroll positions, opened details
// and half-typed input remain.
import type { ElementNode, PageNode } from './page-node.js';

const SVG = 'http://www.w3.org/2000/svg';
/** The last view of each element: attributes that a person changed since (`open`) are not set back. */
const made = new WeakMap<Element, ElementNode>();

export function patchPage(parent: Element, nodes: readonly PageNode[]): void {
  const focused = document.activeElement;
  patchChildren(parent, nodes);
  // An element that moves loses the focus.
  if (focused instanceof HTMLElement && focused !== document.activeElement && parent.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
}

function patchChildren(parent: Element, nodes: readonly PageNode[]): void {
  const isFree = new Set<ChildNode>(parent.childNodes);
  const keyed = new Map<string, ChildNode>();
  for (const child of isFree) {
    const key = child instanceof Element ? (made.get(child)?.key ?? null) : null;
    if (key !== null) keyed.set(key, child);
  }
  let place = parent.firstChild;
  for (const node of nodes) {
    const found = find(node, keyed, isFree, place);
    if (found !== null) isFree.delete(found);
    const child = found === null ? create(parent, node) : update(found, node);
    if (child === place) place = place.nextSibling;
    else parent.insertBefore(child, place);
    while (place !== null && !isFree.has(place)) place = place.nextSibling;
  }
  for (const child of isFree) child.remove();
}

/** The existing element for this node: that with the same key, else the next one of its kind without a key. */
function find(
  node: PageNode,
  keyed: ReadonlyMap<string, ChildNode>,
  isFree: ReadonlySet<ChildNode>,
  place: ChildNode | null,
): ChildNode | null {
  if (typeof node !== 'string' && node.key !== null) {
    const child = keyed.get(node.key);
    return child !== undefined && isFree.has(child) && isOfKind(child, node) ? child : null;
  }
  for (let child = place; child !== null; child = child.nextSibling) {
    if (isFree.has(child) && isOfKind(child, node)) return child;
  }
  return null;
}

function isOfKind(child: ChildNode, node: PageNode): boolean {
  if (typeof node === 'string') return child instanceof Text;
  if (!(child instanceof Element)) return false;
  const was = made.get(child);
  return was?.tag === node.tag && was.key === node.key;
}

function create(parent: Element, node: PageNode): ChildNode {
  if (typeof node === 'string') return document.createTextNode(node);
  const isSvg = node.tag === 'svg' || (parent.namespaceURI === SVG && parent.localName !== 'foreignObject');
  const child = isSvg ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
  for (const [name, value] of Object.entries(node.attributes)) child.setAttribute(name, value);
  made.set(child, node);
  patchChildren(child, node.children);
  return child;
}

function update(child: ChildNode, node: PageNode): ChildNode {
  if (typeof node === 'string') {
    if (child.nodeValue !== node) child.nodeValue = node;
    return child;
  }
  if (!(child instanceof Element)) return child;
  const was = made.get(child);
  // The same view of the same data.
  if (was === node) return child;
  const before = was?.attributes ?? {};
  for (const name of Object.keys(before)) if (!(name in node.attributes)) child.removeAttribute(name);
  for (const [name, value] of Object.entries(node.attributes)) {
    if (before[name] !== value) child.setAttribute(name, value);
  }
  made.set(child, node);
  patchChildren(child, node.children);
  return child;
}
