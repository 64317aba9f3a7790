import t from 'tap';
import fc from 'fast-check';
import {
  moveNeeded,
  neededPeaksOf,
  rememberNeeded,
  withRecorded,
  type NeededHistory,
  type NeededMemory,
  type NeededPoint,
} from '../../src/policy/needed-memory.js';
import { operatorEvaluation, operatorLoad, topologyEvaluation } from '../support/evaluations.js';
import { MINUTE_MS } from '../support/measurements.js';

const WINDOW_MS = 2 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = 1_750_000_000_000;

/** Looks at `split` each minute: its need then; null: unknown. */
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

/** `peak over the memory / over its newer part` at this minute. */
function peaksAt(memory: NeededMemory, minute: number, memoryMs = HOUR_MS): string {
  const peaks = neededPeaksOf(memory, START_MS + minute * MINUTE_MS, memoryMs, WINDOW_MS);
  const [peak] = peaks.values();
  return peak === undefined ? 'unknown' : `${peak.maxOverMemory} / ${peak.maxOverNewerPart}`;
}

const minutes = (count: number, needed: number | null): (number | null)[] => Array<number | null>(count).fill(needed);

await t.test('peaks are known after looks over the whole memory', (t) => {
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

await t.test('a restart is not a gap, but a longer time without measurements is unknown', (t) => {
  const restarted = looks([...minutes(60, 5), ...minutes(10, null), ...minutes(3, 4)]);
  t.equal(peaksAt(restarted, 72), '5 / 5');
  const blind = looks([...minutes(60, 5), ...minutes(20, null), ...minutes(3, 4)]);
  t.equal(peaksAt(blind, 82), 'unknown');
  t.equal(peaksAt(looks(minutes(60, 4), { before: blind, fromMinute: 83 }), 142), '4 / 4', 'the memory starts again');
  t.equal(peaksAt(looks(minutes(60, 5)), 79), 'unknown', 'nor is the time without looks since');
  t.end();
});

await t.test('setting the wall clock does not change the age of a peak', (t) => {
  const memory = moveNeeded(looks([...minutes(60, 5), 9, ...minutes(10, 6)]), -30 * MINUTE_MS);
  t.equal(peaksAt(memory, 40), '9 / 9');
  t.end();
});

await t.test('the memory stays small for any number of looks, and its peak is a measured one', (t) => {
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

/** The recorded need of every two minutes; null: not recorded. */
function recorded(needed: readonly (number | null)[], untilMinute: number): NeededHistory {
  const stepMs = 2 * MINUTE_MS;
  const points = needed.flatMap((one, index): NeededPoint[] => {
    const endMs = START_MS + untilMinute * MINUTE_MS - (needed.length - 1 - index) * stepMs;
    return one === null ? [] : [{ endMs, needed: one }];
  });
  return { stepMs, points: new Map([['split', points]]) };
}

const recalled = (seen: NeededMemory, history: NeededHistory): NeededMemory =>
  withRecorded(seen, history, WINDOW_MS, 4 * HOUR_MS);

await t.test('a recorded peak counts as if it had been seen', (t) => {
  const hour = recorded([...minutes(10, 5), 9, ...minutes(19, 6)], 0);
  t.equal(peaksAt(recalled(new Map(), hour), 0), '9 / 9', 'before the first look');
  t.equal(peaksAt(recalled(new Map(), hour), 20), 'unknown', 'unless it ends too long ago');
  t.equal(peaksAt(recalled(looks(minutes(1, 7), { fromMinute: 3 }), hour), 3), '9 / 9', 'at it');
  t.equal(peaksAt(recalled(looks(minutes(17, 7), { fromMinute: 3 }), hour), 19), '9 / 7', 'and after it');
  t.equal(peaksAt(recalled(looks(minutes(3, 7), { fromMinute: 12 }), hour), 14), '9 / 9', 'a restart is not a gap');
  t.equal(peaksAt(recalled(looks(minutes(3, 7), { fromMinute: 13 }), hour), 15), 'unknown', 'a longer time is a gap');
  const short = recorded(minutes(20, 5), 0);
  t.equal(peaksAt(recalled(looks(minutes(5, 7)), short), 4), 'unknown', 'it does not reach back far enough');
  t.equal(peaksAt(recalled(looks(minutes(21, 7)), short), 20), '7 / 7', 'but counts');
  const gap = recorded([...minutes(20, 9), ...minutes(7, null), ...minutes(30, 5)], 0);
  t.equal(peaksAt(recalled(new Map(), gap), 0), '5 / 5', 'a peak recorded after a gap');
  t.equal(peaksAt(recalled(new Map(), gap), 0, 2 * HOUR_MS), 'unknown');
  t.equal(peaksAt(recalled(looks(minutes(40, 5)), recorded([], 40)), 39), 'unknown', 'nothing is recorded');
  const lost = looks(minutes(3, 99), { fromMinute: -100 });
  t.equal(peaksAt(recalled(lost, hour), 0), '9 / 9', 'what another replica saw while this one did not');
  t.end();
});

await t.test('a restarted service remembers as much as one that was not, or keeps more instances', (t) => {
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { freq: 3 }), {
          minLength: 80,
          maxLength: 300,
        }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 8 }),
        (needed, sinceStart, stepMinutes) => {
          const last = needed.length - 1;
          const start = last - sinceStart;
          const stepMs = stepMinutes * MINUTE_MS;
          const points = Array.from({ length: Math.ceil(start / stepMinutes) }, (_, step) => {
            const endMinute = start - 1 - step * stepMinutes;
            const within = needed.slice(Math.max(0, endMinute - stepMinutes + 1), endMinute + 1);
            const known = within.filter((one) => one !== null);
            return known.length === 0 ? [] : { endMs: START_MS + endMinute * MINUTE_MS, needed: Math.max(...known) };
          });
          const history = { stepMs, points: new Map([['split', points.flat().reverse()]]) };
          const restarted = recalled(looks(needed.slice(start), { fromMinute: start }), history);
          const [own] = neededPeaksOf(restarted, START_MS + last * MINUTE_MS, HOUR_MS, WINDOW_MS).values();
          const [all] = neededPeaksOf(looks(needed), START_MS + last * MINUTE_MS, HOUR_MS, WINDOW_MS).values();
          if (own === undefined) return true;
          return (
            all !== undefined &&
            own.maxOverMemory >= Math.max(...needed.slice(-60).map((one) => one ?? 0)) &&
            own.maxOverNewerPart >= Math.max(...needed.slice(-55).map((one) => one ?? 0))
          );
        },
      ),
      { numRuns: 300 },
    );
  });
  t.end();
});
