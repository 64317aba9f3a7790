// Renders nodes of the status page as lines for a terminal: the same views, so the same words. Pure.
import { cleanText } from '../../clean-text.js';
import Table from 'cli-table3';
import type { ElementNode, PageNode } from '../../http/page/browser/page-node.js';
import { widthOf } from '../../shorten-name.js';

export interface TerminalStyle {
  /** Columns of the terminal; null: none, lines are not wrapped. */
  readonly width: number | null;
  /** The command that does what a button of the page does; null: none. */
  readonly commandFor: (order: string, id: string) => string | null;
}

const BLOCKS = new Set(['div', 'section', 'article', 'details', 'summary', 'ul', 'li', 'p', 'h2', 'h3', 'h4']);
const INDENT = '  ';

export function renderLines(nodes: readonly PageNode[], style: TerminalStyle): string[] {
  const lines: string[] = [];
  let inline = '';
  const flush = (indent: string): void => {
    const text = cleanText(inline).replace(/^, /, '');
    inline = '';
    if (text !== '') lines.push(...wrapText(text, style.width, indent));
  };
  const visit = (node: PageNode): void => {
    if (typeof node === 'string' || !(BLOCKS.has(node.tag) || node.tag === 'table')) {
      inline += inlineText(node, style, ', ');
      return;
    }
    flush(INDENT);
    if (node.tag === 'table') {
      lines.push(...renderTable(node, style));
      return;
    }
    const isHeading = /^h\d$/.test(node.tag);
    if (isHeading && lines.length > 0) lines.push('');
    if (node.tag === 'li') inline = '- ';
    if (classesOf(node).includes('remedy')) inline = '→ ';
    node.children.forEach(visit);
    flush(isHeading ? '' : INDENT);
  };
  nodes.forEach(visit);
  flush(INDENT);
  return lines;
}

/** Nodes within a line. */
export function renderWords(nodes: readonly PageNode[], style: TerminalStyle): string {
  return cleanText(nodes.map((node) => inlineText(node, style, ', ')).join('')).replace(/;$/, '');
}

/** Breaks at blanks. A word longer than a line gets a line of its own. */
export function wrapText(text: string, width: number | null, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const isFirst = line.trim() === '';
    if (!isFirst && width !== null && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = `${indent}${INDENT}${word}`;
    } else line += isFirst ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** @param before prefix of the second line of a cell */
function inlineText(node: PageNode, style: TerminalStyle, before: string): string {
  if (typeof node === 'string') return node;
  const { attributes } = node;
  const classes = classesOf(node);
  // For screen readers only; for eyes only.
  if (node.tag === 'svg' || classes.includes('aside')) return '';
  if (node.tag === 'button') {
    const command = style.commandFor(attributes['data-order'] ?? '', attributes['data-id'] ?? '');
    return command === null ? '' : `${before}${command}`;
  }
  const text = node.children.map((child) => inlineText(child, style, before)).join('');
  if (classes.includes('glyph')) return `${text} `;
  // A frame marks it on the page.
  if (classes.includes('tag')) return `${text}; `;
  if (classes.includes('more')) return text === '' ? '' : `${before}${text.replace(/^, /, '')}`;
  return node.tag === 'q' ? `“${text}”` : text;
}

interface TableText {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** In columns if they fit; else a paragraph per row. */
function renderTable(node: ElementNode, style: TerminalStyle): string[] {
  const titles = descendants(node, 'thead').flatMap((head) =>
    descendants(head, 'th').map((cell) => cellText(cell, style)),
  );
  const rows = descendants(node, 'tbody').flatMap((body) =>
    descendants(body, 'tr').map((row) => row.children.map((cell) => cellText(cell, style))),
  );
  const columns = renderColumns({ titles, rows });
  const isFitting = style.width === null || columns.every((line) => widthOf(line) <= (style.width ?? Infinity));
  return isFitting ? columns : rows.flatMap((row) => renderRow(titles, row, style));
}

function renderColumns({ titles, rows }: TableText): string[] {
  const table = new Table({ head: [...titles], style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => [...row]));
  return table.toString().split('\n');
}

/** `split: State ▲ culprit; Parallelism 2 → 5; …`: values that do not apply are omitted. */
function renderRow(titles: readonly string[], row: readonly string[], { width }: TerminalStyle): string[] {
  const [name = '', ...cells] = row;
  const parts = cells.flatMap((cell, index) => {
    const text = cell.replaceAll('\n', ', ');
    return text === '–' || text === '' ? [] : [`${titles[index + 1] ?? ''} ${text}`];
  });
  return wrapText(`${name}: ${parts.join('; ')}`, width, INDENT);
}

function cellText(cell: PageNode, style: TerminalStyle): string {
  return inlineText(cell, style, '\n').split('\n').map(cleanText).join('\n');
}

function descendants(node: ElementNode, tag: string): ElementNode[] {
  return node.children.flatMap((child) => {
    if (typeof child === 'string') return [];
    return child.tag === tag ? [child] : descendants(child, tag);
  });
}

function classesOf({ attributes }: ElementNode): readonly string[] {
  return (attributes['class'] ?? '').split(' ');
}
