import t from 'tap';
import fc from 'fast-check';
import { busyBeforeOf, moveBusy, rememberBusy, type BusyMemory } from '../../src/policy/busy-memory.js';
import type { OperatorMeasurement } from '../../src/model/measurement.js';
import { operatorEvaluation, operatorLoad, operatorMeasurement, topologyEvaluation } from '../support/evaluations.js';
import { MINUTE_MS, MISSING } from '../support/measurements.js';

const WINDOW_MS = 2 * MINUTE_MS;
const START_MS = 1_750_000_000_000;

interface Look {
  readonly max: number;
  readonly mean?: number;
  readonly parallelism?: number;
  readonly isClean?: boolean;
  readonly more?: Partial<OperatorMeasurement>;
}

/** One look, `minute` minutes after the start. */
function look(before: BusyMemory, minute: number, { max, mean = 0.4, parallelism = 2, ...rest }: Look): BusyMemory {
  const busy = { kind: 'measured', mean, max } as const;
  const measurement = operatorMeasurement('split', { busy, parallelism, ...rest.more });
  const load = operatorLoad({ isClean: rest.isClean ?? true });
  const atMs = START_MS + minute * MINUTE_MS;
  return rememberBusy(
    before,
    topologyEvaluation('w', [operatorEvaluation('split', { measurement, load })], { atMs }),
    WINDOW_MS,
  );
}

/** A look each minute from the start. */
function looks(all: readonly Look[], before: BusyMemory = new Map(), fromMinute = 0): BusyMemory {
  return all.reduce((memory, one, minute) => look(memory, fromMinute + minute, one), before);
}

/** `sum of max / sum of mean` before this minute. */
function sumsAt(memory: BusyMemory, minute: number, { parallelism = 2, windowMs = WINDOW_MS } = {}): string {
  const sums = busyBeforeOf(memory, () => parallelism, START_MS + minute * MINUTE_MS, windowMs).get('split');
  return sums === undefined ? 'none' : `${sums.sumOfMax.toFixed(1)} / ${sums.sumOfMean.toFixed(1)}`;
}

const same = (count: number, one: Look): Look[] => Array<Look>(count).fill(one);

await t.test('looks count while their windows are within a quarter of an hour', (t) => {
  const memory = looks([...same(10, { max: 0.8 }), ...same(20, { max: 0.5 })]);
  t.equal(sumsAt(looks(same(11, { max: 0.8 })), 10), '8.0 / 4.0', 'earlier looks, not the one at that time');
  t.equal(sumsAt(memory, 30), '6.5 / 5.2', 'thirteen, whose windows begin 15 minutes ago');
  t.equal(sumsAt(memory, 40), '1.5 / 1.2');
  t.equal(sumsAt(memory, 43), 'none');
  t.equal(sumsAt(memory, 30, { windowMs: 15 * MINUTE_MS }), 'none', 'such a long window is the whole memory');
  t.equal(sumsAt(moveBusy(memory, -20 * MINUTE_MS), 10), '6.5 / 5.2', 'at every wall clock');
  t.equal(sumsAt(new Map(), 0), 'none');
  t.end();
});

await t.test('only clean windows with the same number of instances count', (t) => {
  const memory = looks(same(5, { max: 0.5 }));
  const after = (...all: readonly Look[]): string => sumsAt(looks(all, memory, 5), 5 + all.length);
  t.equal(after({ max: 0.9 }), '3.4 / 2.4');
  t.equal(after({ max: 0.9, isClean: false }), '2.5 / 2.0', 'a restart');
  t.equal(after({ max: 0.9, more: { busy: MISSING } }), '2.5 / 2.0');
  t.equal(after({ max: 0.9, more: { incompleteBecause: 'a gap' } }), '2.5 / 2.0');
  t.equal(after({ max: 0.9, parallelism: 4 }), 'none', 'a measurement with four instances says nothing about two');
  t.equal(
    sumsAt(looks([{ max: 0.9, parallelism: 4 }], memory, 5), 6, { parallelism: 4 }),
    '0.9 / 0.4',
    'the memory starts again',
  );
  t.equal(sumsAt(memory, 5, { parallelism: 4 }), 'none', 'nor at the first look at four');
  t.end();
});

await t.test('the memory stays small for any number of looks', (t) => {
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 3, noNaN: true }), { maxLength: 300 }), (pauses) => {
        let minute = 0;
        let memory: BusyMemory = new Map();
        for (const pause of pauses) memory = look(memory, (minute += pause), { max: 0.5 });
        return (memory.get('split')?.looks.length ?? 0) <= 16;
      }),
      { numRuns: 50 },
    );
  });
  t.end();
});
