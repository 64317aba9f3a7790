import t from 'tap';
import { renderLines, renderWords, wrapText } from '../../../src/commands/service/terminal-text.js';
import { cleanText } from '../../../src/clean-text.js';
import { element } from '../../../src/http/page/browser/page-node.js';
import { renderMark, renderTable } from '../../../src/http/page/browser/pieces.js';

const STYLE = { width: null, commandFor: (order: string, id: string) => (order === 'cancel' ? `cancel ${id}` : null) };

await t.test('a block is a line, a heading stands out, and inline text stays in its line', (t) => {
  const view = element(
    'div',
    {},
    element('h4', {}, 'Title'),
    element('p', {}, element('strong', {}, 'split'), ': too small.'),
    element('p', { class: 'remedy' }, 'Wait.'),
    element('ul', {}, element('li', {}, 'one'), element('li', {}, 'two')),
    element('h4', {}, 'Next'),
    'loose text',
  );
  t.strictSame(renderLines([view], STYLE), [
    'Title',
    '  split: too small.',
    '  → Wait.',
    '  - one',
    '  - two',
    '',
    'Next',
    '  loose text',
  ]);
  t.end();
});

await t.test('a button is the command that does the same, or nothing', (t) => {
  const order = (name: string) => element('button', { 'data-order': name, 'data-id': 'x1' }, 'Do it');
  t.strictSame(renderLines([element('p', {}, 'open', order('cancel'), order('forget'))], STYLE), ['  open, cancel x1']);
  t.strictSame(renderLines([order('cancel'), order('forget')], STYLE), ['  cancel x1'], 'alone in its line');
  t.end();
});

await t.test('text only for screen readers, or only for eyes, is omitted; a mark has its word', (t) => {
  const words = renderWords(
    [renderMark('no', '○', 'no'), element('span', { class: 'aside' }, ', recommended 2'), element('svg', {}, 'x')],
    STYLE,
  );
  t.equal(words, '○ no');
  t.end();
});

await t.test('a name cannot control the terminal, forge a line, or reverse the text after it', (t) => {
  t.equal(cleanText('a\u001b[31mb\r\nc\u202ed\u2068e\u2069'), 'a [31mb c de');
  t.end();
});

await t.test('lines break at blanks; a longer word is not torn apart', (t) => {
  t.strictSame(wrapText('one two three', 9, '  '), ['  one two', '    three']);
  t.strictSame(wrapText('a-very-long-name is it', 10, ''), ['a-very-long-name', '  is it']);
  t.strictSame(wrapText('one two three', null, ''), ['one two three']);
  t.end();
});

await t.test('a table is one where it fits the terminal, else a paragraph a row', (t) => {
  const more = element('span', { class: 'more' }, 'max 1,290');
  const table = renderTable(
    'All',
    [{ title: 'Operator' }, { title: 'Pending' }, { title: 'Backlog' }],
    [{ key: 'split', cells: ['split', ['812', more], element('span', { 'aria-hidden': 'true' }, '–')] }],
  );
  const wide = renderLines([table], STYLE).join('\n');
  t.match(wide, /│ Operator │ Pending {3}│ Backlog │/);
  t.match(wide, /│ split {4}│ 812 {7}│ – {7}│\n│ {10}│ max 1,290 │/);
  t.strictSame(renderLines([table], { ...STYLE, width: 30 }), ['  split: Pending 812, max', '    1,290']);
  t.end();
});
