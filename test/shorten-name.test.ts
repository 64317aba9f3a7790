import t from 'tap';
import fc from 'fast-check';
import { shortenName, widthOf } from '../src/shorten-name.js';

void t.test('a long name loses its middle, a short one nothing', (t) => {
  t.equal(shortenName('Source: orders', 14), 'Source: orders');
  t.equal(shortenName('Source: orders', Infinity), 'Source: orders');
  t.equal(shortenName('Calc(select=[a, b, c]) -> Sink', 11), 'Calc(… Sink');
  t.equal(shortenName('語語語語語語', 6), '語…語', 'wide characters count twice');
  t.equal(shortenName(`${'a'.repeat(5_000_000)}b`, 5), 'aa…ab');
  t.end();
});

void t.test('no name is wider than asked for', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (name, width) => {
      const shortened = shortenName(name, width);
      return widthOf(shortened) <= width && (widthOf(name) > width || shortened === name);
    }),
    { numRuns: 1000 },
  );
  t.end();
});
