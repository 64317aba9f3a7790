import fc from 'fast-check';
import t from 'tap';
import { parsePrometheusValue } from '../../src/sensors/prometheus-values.js';

await t.test('every spelling that Prometheus uses is read', (t) => {
  const table: [string, number][] = [
    ['NaN', NaN],
    ['+Inf', Infinity],
    ['Inf', Infinity],
    ['-Inf', -Infinity],
    ['0', 0],
    ['-0', -0],
    ['12.5', 12.5],
    ['-3', -3],
    ['+3', 3],
    ['.5', 0.5],
    ['5.', 5],
    ['1e-07', 1e-7],
    ['1.5E+21', 1.5e21],
    ['1.7976931348623157e+308', Number.MAX_VALUE],
    ['5e-324', 5e-324],
  ];
  for (const [text, value] of table) t.ok(Object.is(parsePrometheusValue(text), value), text);
  t.end();
});

await t.test('any other spelling is malformed and never NaN or 0', (t) => {
  const others = ['', ' ', ' 1', '1 ', 'nan', 'inf', 'Infinity', '0x10', '0b1', '1_000', '1,5', '1e', 'e5', '.', '--1'];
  for (const text of [...others, '1e999', 'null', '1\n']) {
    t.throws(() => parsePrometheusValue(text), { code: 'prometheus_malformed', message: JSON.stringify(text) }, text);
  }
  t.end();
});

await t.test('every double survives', (t) => {
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(doubles, (value) => {
        const text = Object.is(value, -0) ? '-0' : String(value);
        return Object.is(parsePrometheusValue(text), value);
      }),
    );
  });
  t.end();
});
