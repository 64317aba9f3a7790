import t from 'tap';
import fc from 'fast-check';
import { moveNeeded, neededPeaksOf, rememberNeeded, type NeededMemory } from '../../src/policy/needed-memory.js';
import { operatorEvaluation, operatorLoad, topologyEvaluation } from '../support/evaluations.js';
import { MINUTE_MS } from '../support/measurements.js';

const WINDOW_MS = 2 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = 1_750_000_000_000;

/** Looks at `split` each minute: what it needed then, null: that was not to be told. */
function looks(
  needed: readonly (number | null)[],
  { before = new Map() as NeededMemory, fromMinute = 0 } = {},
): NeededMemory {
  let memory = before;
  for (const [minute, neededInstances] of needed.entries()) {
    const evaluation = topologyEvaluation(
      'wordcount',
      [operatorEvaluation('split', { load: operatorLoad({ neededInstances }) })],
      { atMs: START_MS + (fromMinute + minute) * MINUTE_MS },
    );
    memory = rememberNeeded(memory, evaluation, WINDOW_MS, 4 * HOUR_MS);
  }
  return memory;
}

/** `most over the memory / over its newer part` at this minute. */
function peaksAt(memory: NeededMemory, minute: number, memoryMs = HOUR_MS): string {
  const peaks = neededPeaksOf(memory, START_MS + minute * MINUTE_MS, memoryMs, WINDOW_MS);
  const [peak] = peaks.values();
  return peak === undefined ? 'unknown' : `${peak.maxOverMemory} / ${peak.maxOverNewerPart}`;
}

const minutes = (count: number, needed: number | null): (number | null)[] => Array<number | null>(count).fill(needed);

await t.test('peaks are known when all of the memory was seen', (t) => {
  const memory = looks(minutes(70, 5));
  t.equal(peaksAt(memory, 57), 'unknown');
  t.equal(peaksAt(memory, 58), '5 / 5', 'the first window reaches back before the first look');
  t.equal(peaksAt(memory, 69), '5 / 5');
  t.equal(peaksAt(memory, 69, 2 * HOUR_MS), 'unknown', 'a longer memory takes longer');
  t.equal(peaksAt(new Map(), 69), 'unknown');
  t.end();
});

await t.test('the peak is the largest of the memory, and is forgotten with it', (t) => {
  const memory = looks([...minutes(60, 5), 9, ...minutes(75, 6)]);
  t.equal(peaksAt(memory, 90), '9 / 9');
  t.equal(peaksAt(memory, 117), '9 / 6', 'it is about to leave');
  t.equal(peaksAt(memory, 130), '6 / 6');
  t.end();
});

await t.test('a restart is no gap, but what was not seen for longer is not known', (t) => {
  const restarted = looks([...minutes(60, 5), ...minutes(10, null), ...minutes(3, 4)]);
  t.equal(peaksAt(restarted, 72), '5 / 5');
  const blind = looks([...minutes(60, 5), ...minutes(20, null), ...minutes(3, 4)]);
  t.equal(peaksAt(blind, 82), 'unknown');
  t.equal(peaksAt(looks(minutes(60, 4), { before: blind, fromMinute: 83 }), 142), '4 / 4', 'it begins anew');
  t.equal(peaksAt(looks(minutes(60, 5)), 79), 'unknown', 'nor what was not looked at since');
  t.end();
});

await t.test('where the wall clock is set, how long ago each was stays what it was', (t) => {
  const memory = moveNeeded(looks([...minutes(60, 5), 9, ...minutes(10, 6)]), -30 * MINUTE_MS);
  t.equal(peaksAt(memory, 40), '9 / 9');
  t.end();
});

await t.test('however often it is looked at, the memory stays small, and its peak is one that was seen', (t) => {
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 60, maxLength: 400 }),
        (needed) => {
          const memory = looks(needed);
          const last = needed.length - 1;
          const [peak] = neededPeaksOf(memory, START_MS + last * MINUTE_MS, HOUR_MS, WINDOW_MS).values();
          const seen = needed.slice(Math.max(0, last - 59));
          const slices = memory.get('split')?.slices.length ?? 0;
          return (
            peak !== undefined &&
            peak.maxOverMemory >= Math.max(...seen) &&
            slices <= 62 &&
            needed.includes(peak.maxOverMemory)
          );
        },
      ),
      { numRuns: 30 },
    );
  });
  t.end();
});
