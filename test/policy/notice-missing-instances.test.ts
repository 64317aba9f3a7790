import t from 'tap';
import { noticeMissingInstances, type TopologyMemory } from '../../src/policy/notice-missing-instances.js';
import { flinkTopology, MINUTE_MS } from '../support/measurements.js';

/** Looks once a minute at a topology with a window of 5; `!` marks the looks at which instances are missing. */
function watch(parallelisms: readonly (number | null)[], askedFor: number | null = null): string {
  let memory: TopologyMemory = new Map();
  return parallelisms
    .map((parallelism, minute) => {
      const seen = flinkTopology({ split: { parallelism } }, minute * MINUTE_MS);
      const noticed = noticeMissingInstances(seen, memory, () => askedFor);
      memory = noticed.memory;
      const isIncomplete = noticed.measurement.operators[0]?.incompleteBecause !== null;
      return `${parallelism ?? '-'}${isIncomplete ? '!' : ''}`;
    })
    .join(' ');
}

await t.test('a parallelism that fell without an action of ours is missing data for one window', (t) => {
  t.equal(watch([4, 4, 4]), '4 4 4');
  t.equal(watch([4, 3, 3, 3, 3, 3, 3, 3]), '4 3! 3! 3! 3! 3! 3 3');
  t.equal(watch([4, 3, 4, 3]), '4 3! 4 3!', 'instances that come back are all there again');
  t.equal(watch([2, 4]), '2 4', 'more is more');
  t.end();
});

await t.test('a parallelism that fell to what we asked for is smaller', (t) => {
  t.equal(watch([4, 3, 3], 3), '4 3 3');
  t.equal(watch([4, 2, 3], 3), '4 2! 3', 'on the way there instances are missing');
  t.end();
});

await t.test('a look at which the parallelism is unknown does not make it forgotten', (t) => {
  t.equal(watch([4, null, 3]), '4 - 3!');
  t.end();
});
