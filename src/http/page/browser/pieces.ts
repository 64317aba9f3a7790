// Building blocks of several views: names, times, marks, tables.
import { element, type Attributes, type Child, type ElementNode } from './page-node.js';
import { formatDistance } from './quantities.js';

/** A name as written: any length, any script, its own direction. */
export function renderName(name: string, attributes: Attributes = {}): ElementNode {
  return element('bdi', { class: 'name', title: name.length > 40 ? name : null, ...attributes }, name);
}

/** A relative time; the tooltip has the full time. */
export function renderTime(iso: string, nowMs: number): ElementNode {
  const atMs = Date.parse(iso);
  return element('time', { datetime: iso, title: new Date(atMs).toLocaleString() }, formatDistance(atMs, nowMs));
}

/** A rounded value with its exact number for machines. */
export function renderValue(value: number, words: string, field: string): ElementNode {
  return element('data', { value, 'data-field': field }, words);
}

/** A state by shape, word and colour. */
export function renderMark(kind: string, glyph: string, word: string, field: string | null = null): ElementNode {
  return element(
    'span',
    { class: `mark ${kind}`, 'data-field': field, 'data-value': field === null ? null : kind },
    element('span', { class: 'glyph', 'aria-hidden': 'true' }, glyph),
    element('span', {}, word),
  );
}

export interface Column {
  readonly title: string;
  /** Explanation of the title, as a tooltip. */
  readonly hint?: string;
  readonly isNumber?: boolean;
}

/** Scrolls if it is too wide, by keyboard too. */
export function renderTable(
  caption: string,
  columns: readonly Column[],
  rows: readonly { readonly key: string; readonly attributes?: Attributes; readonly cells: readonly Child[] }[],
): ElementNode {
  const classOf = ({ isNumber = false }: Column): string | null => (isNumber ? 'number' : null);
  return element(
    'div',
    { class: 'scroller', role: 'region', 'aria-label': caption, tabindex: 0 },
    element(
      'table',
      {},
      element('caption', { class: 'aside' }, caption),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          columns.map((column) =>
            element('th', { scope: 'col', class: classOf(column), title: column.hint }, column.title),
          ),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map(({ key, attributes = {}, cells }) =>
          element(
            'tr',
            { key, ...attributes },
            cells.map((cell, index) => {
              const column = columns[index];
              if (index === 0) return element('th', { scope: 'row' }, cell);
              return element('td', { class: column === undefined ? null : classOf(column) }, cell);
            }),
          ),
        ),
      ),
    ),
  );
}

/** For screen readers only. */
export function renderAside(text: string): ElementNode {
  return element('span', { class: 'aside' }, text);
}

/** A button for an order that needs confirmation. */
export function renderOrder(order: string, id: string, words: string, about: string): ElementNode {
  return element(
    'button',
    { type: 'button', class: 'order', 'data-order': order, 'data-id': id, 'aria-label': `${words}: ${about}` },
    words,
  );
}

/** A section with its heading; the heading takes the focus when the focused element is gone. */
export function renderSection(
  id: string,
  title: string,
  count: string | null,
  ...children: readonly Child[]
): ElementNode {
  return element(
    'section',
    { id, key: id, 'aria-labelledby': `${id}-title` },
    element(
      'h2',
      { id: `${id}-title`, tabindex: -1 },
      title,
      count !== null && element('span', { class: 'count' }, ` ${count}`),
    ),
    children,
  );
}

const ids = new Map<string, string>();

/** A stable id for a thing with any name. */
export function idFor(kind: string, name: string): string {
  const key = `${kind} ${name}`;
  const id = ids.get(key) ?? `${kind}-${ids.size}`;
  ids.set(key, id);
  return id;
}
