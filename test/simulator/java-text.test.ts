import t from 'tap';
import { javaDouble, withoutSpecialCharacters } from '../../src/simulator/java-text.js';

await t.test('numbers look as Java prints doubles', (t) => {
  const table: [number, string][] = [
    [0, '0.0'],
    [1, '1.0'],
    [-2.5, '-2.5'],
    [812.125, '812.125'],
    [9_999_999, '9999999.0'],
    [10_000_000, '1.0E7'],
    [12_345_678, '1.2345678E7'],
    [0.001, '0.001'],
    [0.00025, '2.5E-4'],
    [NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
  ];
  for (const [value, text] of table) t.equal(javaDouble(value), text);
  t.end();
});

await t.test('a character not allowed in a metric name becomes an underscore', (t) => {
  t.equal(withoutSpecialCharacters('Source: sentences (v2)'), 'Source:_sentences__v2_');
  t.end();
});
