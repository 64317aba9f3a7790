import fc from 'fast-check';
import t from 'tap';
import { parseResourceRequirements, slotsWanted, withUpperBound } from '../../src/flink-rest/resource-requirements.js';
import { recorded } from '../support/flink-rest-server.js';

const bounds = fc
  .tuple(fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 128 }))
  .map(([a, b]) => ({ parallelism: { lowerBound: Math.min(a, b), upperBound: Math.max(a, b) } }));
const requirements = fc.dictionary(fc.stringMatching(/^[0-9a-f]{4}$/), bounds, { minKeys: 1, maxKeys: 6 });

await t.test(
  'a change is what Flink takes: the wanted upper bound, no lower bound above it, all else untouched',
  (t) => {
    fc.assert(
      fc.property(requirements, fc.integer({ min: 1, max: 128 }), fc.nat(), (before, wanted, pick) => {
        const vertices = Object.keys(before);
        const vertex = vertices[pick % vertices.length] ?? '';
        const after = withUpperBound(before, vertex, wanted);
        if (after === null) return false;
        const lowerBound = Math.min(before[vertex]?.parallelism.lowerBound ?? 0, wanted);
        t.strictSame(after, { ...before, [vertex]: { parallelism: { lowerBound, upperBound: wanted } } });
        t.strictSame(withUpperBound(after, vertex, wanted), after, 'and again to the same effect');
        return true;
      }),
      { numRuns: 50 },
    );
    t.end();
  },
);

await t.test('what a later Flink adds to a vertex goes back as it came', (t) => {
  const added = { a: { parallelism: { lowerBound: 1, upperBound: 2, step: 2 }, resources: { cpu: 1 } } };
  t.strictSame(withUpperBound(added, 'a', 4), {
    a: { parallelism: { lowerBound: 1, upperBound: 4, step: 2 }, resources: { cpu: 1 } },
  });
  t.end();
});

await t.test('the recorded answer is read, and wants the slots of its widest vertex', (t) => {
  const answer = parseResourceRequirements(JSON.stringify(recorded('requirements').body));
  t.equal(Object.keys(answer ?? {}).length, 4);
  t.equal(answer === null ? null : slotsWanted(answer), 2);
  t.end();
});
