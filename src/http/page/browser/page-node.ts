// The page as plain data: views return nodes, and patch-page.ts updates the document to match. Text remains text: there is no way
// to write markup.

export interface ElementNode {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly PageNode[];
  /** Identifies siblings when their order changes. */
  readonly key: string | null;
}
export type PageNode = ElementNode | string;

/** false, null and undefined are omitted. */
export type Child = PageNode | null | undefined | false | readonly Child[];
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** `key` among the attributes becomes the node's key; `true` becomes an attribute without value. */
export function element(tag: string, attributes: Attributes = {}, ...children: readonly Child[]): ElementNode {
  const { key = null, ...others } = attributes;
  const given = Object.entries(others).flatMap(([name, value]): [string, string][] =>
    value === null || value === undefined || value === false ? [] : [[name, value === true ? '' : String(value)]],
  );
  return {
    tag,
    attributes: Object.fromEntries(given),
    children: flatten(children),
    key: key === null ? null : String(key),
  };
}

function flatten(children: readonly Child[]): PageNode[] {
  return children.flatMap((child): PageNode[] => {
    if (child === null || child === undefined || child === false || child === '') return [];
    if (typeof child === 'string') return [child];
    return isList(child) ? flatten(child) : [child];
  });
}

function isList(child: ElementNode | readonly Child[]): child is readonly Child[] {
  return Array.isArray(child);
}

/** All text of the nodes, in reading order. */
export function textOf(...nodes: readonly PageNode[]): string {
  return nodes.map((node) => (typeof node === 'string' ? node : textOf(...node.children))).join('');
}
