import t from 'tap';
import { mapInSlices } from '../src/work-slices.js';

await t.test('other work runs between two slices, and none within one', async (t) => {
  let nowMs = 0;
  let turns = 0;
  let isOver = false;
  const takeTurns = (): void => {
    turns += 1;
    if (!isOver) setImmediate(takeTurns);
  };
  setImmediate(takeTurns);
  const turnsSeen: number[] = [];
  const mapped = await mapInSlices(
    Array.from({ length: 50 }, (_, item) => item),
    (item) => {
      turnsSeen.push(turns);
      nowMs += 1;
      return item * 2;
    },
    () => nowMs,
  );
  isOver = true;
  t.strictSame(
    mapped,
    Array.from({ length: 50 }, (_, item) => item * 2),
  );
  t.equal(new Set(turnsSeen).size, 5, 'slices of 10 ms');
  t.strictSame(
    [0, 9, 10, 19, 20].map((item) => turnsSeen[item]),
    [0, 0, turnsSeen[10], turnsSeen[10], turnsSeen[20]],
  );
});

await t.test('items are made as they are asked for', async (t) => {
  const made: number[] = [];
  function* items(): Generator<number> {
    for (let item = 0; item < 3; item += 1) {
      made.push(item);
      yield item;
    }
  }
  const madeBefore = await mapInSlices(items(), () => made.length);
  t.strictSame(madeBefore, [1, 2, 3]);
});

await t.test('a fault of the work is one for who waits for it', async (t) => {
  const fail = (): never => {
    throw new Error('no');
  };
  await t.rejects(mapInSlices([1], fail), /no/);
  t.strictSame(await mapInSlices([], fail), []);
});
