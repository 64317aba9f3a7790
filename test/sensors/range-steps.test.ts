import t from 'tap';
import { countInstants, instantsOf, partsOf, stepAt } from '../../src/sensors/range-steps.js';

const RANGE = { startMs: 120_000, endMs: 330_000, stepMs: 60_000 };

void t.test('a range has its ends and what is whole steps from its start', (t) => {
  t.strictSame(instantsOf(RANGE), [120_000, 180_000, 240_000, 300_000]);
  t.equal(countInstants(RANGE), 4);
  t.strictSame(instantsOf({ ...RANGE, endMs: RANGE.startMs }), [120_000]);
  t.end();
});

void t.test('the parts of a range have its instants, each once', (t) => {
  for (let instantsEach = 1; instantsEach <= 6; instantsEach += 1) {
    const parts = partsOf(RANGE, instantsEach);
    t.strictSame(parts.flatMap(instantsOf), instantsOf(RANGE), `${instantsEach} each`);
    t.ok(parts.every((part) => countInstants(part) <= instantsEach));
  }
  t.end();
});

void t.test('an instant has its position in the range, and any other time has none', (t) => {
  t.strictSame(
    [120_000, 180_000.4, 299_999.2, 360_000, 60_000, 120_002, 80_000, 160_000].map((atMs) => stepAt(RANGE, atMs)),
    [0, 1, 3, null, null, null, null, null],
  );
  t.end();
});
