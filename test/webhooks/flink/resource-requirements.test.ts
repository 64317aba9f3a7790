import fc from 'fast-check';
import t from 'tap';
import {
  parseResourceRequirements,
  slotsWanted,
  withUpperBound,
} from '../../../src/webhooks/flink/resource-requirements.js';
import { recorded } from '../../support/flink-rest-server.js';

const bounds = fc
  .tuple(fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 128 }))
  .map(([a, b]) => ({ parallelism: { lowerBound: Math.min(a, b), upperBound: Math.max(a, b) } }));
const requirements = fc.dictionary(fc.stringMatching(/^[0-9a-f]{4}$/), bounds, { minKeys: 1, maxKeys: 6 });

const parallelism = fc.integer({ min: 1, max: 128 });
const anyChange = fc.tuple(parallelism, parallelism).filter(([from, to]) => from !== to);

await t.test('a change is valid for Flink: no lower bound above the upper one, all else unchanged', (t) => {
  fc.assert(
    fc.property(requirements, anyChange, fc.nat(), (before, [from, to], pick) => {
      const vertices = Object.keys(before);
      const vertex = vertices[pick % vertices.length] ?? '';
      const after = withUpperBound(before, vertex, { from, to });
      const was = before[vertex]?.parallelism ?? { lowerBound: 0, upperBound: 0 };
      const upperBound = to > from ? Math.max(was.upperBound, to) : Math.min(was.upperBound, to);
      const lowerBound = Math.min(was.lowerBound, upperBound);
      t.strictSame(after, { ...before, [vertex]: { parallelism: { lowerBound, upperBound } } });
      t.strictSame(after && withUpperBound(after, vertex, { from, to }), after, 'and a repetition has the same effect');
    }),
    { numRuns: 50 },
  );
  t.end();
});

await t.test('a scale-up never lowers a bound, and a scale-down never raises one', (t) => {
  const tables: readonly (readonly [[number, number], number, number, [number, number]])[] = [
    [[1, 2], 2, 4, [1, 4]],
    [[1, 4], 2, 3, [1, 4]],
    [[3, 4], 2, 3, [3, 4]],
    [[1, 3], 2, 3, [1, 3]],
    [[3, 3], 3, 2, [2, 2]],
    [[1, 2], 4, 3, [1, 2]],
    [[1, 1], 4, 3, [1, 1]],
  ];
  for (const [[lowerBound, upperBound], from, to, [lower, upper]] of tables) {
    const after = withUpperBound({ a: { parallelism: { lowerBound, upperBound } } }, 'a', { from, to });
    const expected = { a: { parallelism: { lowerBound: lower, upperBound: upper } } };
    t.strictSame(after, expected, `(${lowerBound}, ${upperBound}) from ${from} to ${to}`);
  }
  t.strictSame(withUpperBound({}, 'a', { from: 1, to: 2 }), null);
  t.end();
});

await t.test('unknown fields of a later Flink are written back unchanged', (t) => {
  const added = { a: { parallelism: { lowerBound: 1, upperBound: 2, step: 2 }, resources: { cpu: 1 } } };
  t.strictSame(withUpperBound(added, 'a', { from: 2, to: 4 }), {
    a: { parallelism: { lowerBound: 1, upperBound: 4, step: 2 }, resources: { cpu: 1 } },
  });
  t.end();
});

await t.test('the recorded answer needs the slots of its widest vertex', (t) => {
  const answer = parseResourceRequirements(JSON.stringify(recorded('requirements').body));
  t.equal(Object.keys(answer ?? {}).length, 4);
  t.equal(answer === null ? null : slotsWanted(answer), 2);
  t.end();
});
