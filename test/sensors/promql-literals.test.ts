import fc from 'fast-check';
import t from 'tap';
import {
  quoteRegex,
  renderDuration,
  renderLabelled,
  renderString,
  renderUnion,
} from '../../src/sensors/promql-literals.js';

void t.test('a string literal reads back as the text it was made from, on one line', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\r', '$', '|', 'é') }), (text) => {
      const literal = renderString(text);
      t.notMatch(literal, /[\n\r]/);
      t.equal(JSON.parse(literal), text);
    }),
  );
  t.end();
});

void t.test('a quoted regex matches its text and no other', (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', '.', '|', '(', '[', '\\', '$', '^', '*', '+', '?', '{', '}') });
  fc.assert(
    fc.property(text, text, (one, other) => {
      const pattern = new RegExp(`^(?:${quoteRegex(one)})$`);
      t.ok(pattern.test(one));
      t.equal(pattern.test(other), one === other);
    }),
  );
  t.end();
});

void t.test('durations are whole seconds where they can be', (t) => {
  t.equal(renderDuration(300_000), '300s');
  t.equal(renderDuration(1_500), '1500ms');
  t.equal(renderDuration(100.5), '101ms');
  t.end();
});

void t.test('a dollar in a label value is no reference to a group', (t) => {
  t.equal(renderLabelled('x', 'l', 'a$1'), 'label_replace(x, "l", "a$$1", "", "")');
  t.end();
});

void t.test('a union is balanced', (t) => {
  t.equal(renderUnion([]), '');
  t.equal(renderUnion(['a']), 'a');
  t.equal(renderUnion(['a', 'b', 'c']), '(a or b) or c');
  t.equal(renderUnion(['a', 'b', 'c', 'd']), '(a or b) or (c or d)');
  t.end();
});
