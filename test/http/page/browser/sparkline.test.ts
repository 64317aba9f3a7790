import fc from 'fast-check';
import t from 'tap';
import { BOX, digest, drawSparkline, placeOf } from '../../../../src/http/page/browser/sparkline.js';

await t.test('a line breaks where nothing is known, and does not fall to zero', (t) => {
  const { line, area, gaps } = drawSparkline([2, 4, null, null, 4, null, 0], 4, false);
  // 6 steps of 40; 4 is at the upper edge less the margin, 0 at the lower one.
  t.equal(line, 'M0 22L40 2M160 2h0M240 42h0');
  t.notMatch(line, /M80|L80|L120/);
  t.strictSame(gaps, [
    { x: 40, width: 120 },
    { x: 160, width: 80 },
  ]);
  t.match(area, `V${BOX.height}H0Z`);
  t.end();
});

await t.test('a number of instances holds until the next', (t) => {
  t.equal(drawSparkline([1, 1, 2], 2, true).line, 'M0 22H120V22H240V2');
  t.end();
});

await t.test('an unknown series has no line, and one gap', (t) => {
  t.strictSame(drawSparkline([null, null, null], 1, false), { line: '', area: '', gaps: [{ x: 0, width: 240 }] });
  t.equal(digest([null, null]), null);
  t.equal(digest([]), null);
  t.end();
});

await t.test('all zero is a line on the ground', (t) => {
  t.equal(drawSparkline([0, 0], 0, false).line, 'M0 42L240 42');
  t.end();
});

await t.test('the summary uses only known numbers', (t) => {
  t.strictSame(digest([null, 3, 1, null]), { min: 1, max: 3, last: 1, unknown: 0.5 });
  t.end();
});

await t.test('a moment has its place within the picture only', (t) => {
  t.equal(placeOf(150, 100, 200), 120);
  t.strictSame([placeOf(99, 100, 200), placeOf(201, 100, 200)], [null, null]);
  t.strictSame([placeOf(100, 100, 200), placeOf(200, 100, 200)], [0, 240]);
  t.end();
});

await t.test('whatever is drawn stays within the picture, and each unknown point within a gap', (t) => {
  const point = fc.option(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { nil: null });
  const property = fc.property(
    fc.array(point, { minLength: 2, maxLength: 130 }),
    fc.double({ noNaN: true, min: 0, max: 1e9 }),
    fc.boolean(),
    (points, top, isStepped) => {
      const { line, gaps } = drawSparkline(points, top, isStepped);
      const numbers = [...line.matchAll(/-?[\d.]+/g)].map(([number]) => Number(number));
      const width = (index: number): number => (index / (points.length - 1)) * BOX.width;
      return (
        !line.includes('NaN') &&
        numbers.every((number) => number >= 0 && number <= BOX.width) &&
        points.every((value, index) => {
          const x = width(index);
          const isInGap = gaps.some((gap) => gap.x - 0.1 <= x && x <= gap.x + gap.width + 0.1);
          return value !== null || isInGap;
        }) &&
        (line.match(/M/g) ?? []).length ===
          points.filter((value, index) => value !== null && (points[index - 1] ?? null) === null).length
      );
    },
  );
  fc.assert(property);
  t.end();
});
