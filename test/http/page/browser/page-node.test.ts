import t from 'tap';
import { element, textOf } from '../../../../src/http/page/browser/page-node.js';

await t.test('false and empty values are omitted, and lists are flattened', (t) => {
  const node = element(
    'p',
    { key: 7, id: 'x', hidden: true, title: null, lang: undefined, open: false },
    ['a', [null, 'b']],
    false,
    '',
  );
  t.strictSame(node, { tag: 'p', key: '7', attributes: { id: 'x', hidden: '' }, children: ['a', 'b'] });
  t.end();
});

await t.test('text is text', (t) => {
  const node = element('p', {}, '<b>', element('q', {}, '&amp;'));
  t.equal(textOf(node), '<b>&amp;');
  t.end();
});
