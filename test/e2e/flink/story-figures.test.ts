import t from 'tap';
import { appliedAfter, episodeOf, restartsBetween } from './story-figures.js';

const CURVE = [
  [0, 400],
  [2, 0],
  [10, 60],
  [12, 900],
  [20, 30],
  [22, 80],
  [24, 50],
  [40, 700],
] as const;

void t.test('an episode begins with the first pressure of its chapter and ends after the last', (t) => {
  const chapter = { fromS: 2, untilS: 40, calledAtS: 15 };
  t.same(episodeOf(CURVE, 50, chapter), { onsetToCallS: 5, onsetToEndS: 14 });
  t.same(episodeOf(CURVE, 50, { ...chapter, calledAtS: null }), { onsetToCallS: null, onsetToEndS: 14 });
  t.end();
});

void t.test('pressure that lasts to the end of the chapter has not ended', (t) => {
  t.same(episodeOf(CURVE, 50, { fromS: 10, untilS: 20, calledAtS: 13 }), { onsetToCallS: 3, onsetToEndS: null });
  t.end();
});

void t.test('without pressure there is nothing to answer, and what was called before it is no answer', (t) => {
  t.same(episodeOf(CURVE, 50, { fromS: 2, untilS: 10, calledAtS: 4 }), { onsetToCallS: null, onsetToEndS: null });
  t.same(episodeOf(CURVE, 50, { fromS: 2, untilS: 40, calledAtS: 4 }), { onsetToCallS: null, onsetToEndS: 14 });
  t.end();
});

void t.test('a restart is from the last sample of an attempt to the first of the next', (t) => {
  const gaps = restartsBetween([
    { fromS: 30, untilS: 50 },
    { fromS: 0, untilS: 4 },
    { fromS: 12, untilS: 17 },
  ]);
  t.same(gaps, [
    { fromS: 4, untilS: 12 },
    { fromS: 17, untilS: 30 },
  ]);
  t.same(restartsBetween([{ fromS: 0, untilS: 9 }]), []);
  t.end();
});

const SPLIT = {
  from: 1,
  to: 6,
  instances: [
    [0, 1],
    [10, 1],
    [72, 6],
  ],
} as const;
const COUNT = {
  from: 1,
  to: 4,
  instances: [
    [0, 1],
    [10, 1],
    [74, 4],
  ],
} as const;

void t.test('a call is applied when the last of its operators is seen with what was asked for', (t) => {
  const within = { calledAtS: 10, untilS: 200 };
  t.equal(appliedAfter([SPLIT, COUNT], within), 64);
  t.equal(appliedAfter([SPLIT], within), 62);
  t.equal(appliedAfter([SPLIT, COUNT], { calledAtS: 10, untilS: 73 }), null, 'not before it was judged');
  t.equal(appliedAfter([{ ...SPLIT, to: 5 }], within), null, 'never');
  t.equal(
    appliedAfter([{ ...SPLIT, to: 1, from: 6 }], { calledAtS: 11, untilS: 200 }),
    null,
    'before the call is no effect',
  );
  t.end();
});

void t.test('what changes no parallelism is not seen in it', (t) => {
  t.equal(appliedAfter([{ ...SPLIT, from: 1, to: 1 }], { calledAtS: 0, untilS: 200 }), null);
  t.equal(appliedAfter([{ ...SPLIT, from: 1, to: 1 }, COUNT], { calledAtS: 10, untilS: 200 }), 64);
  t.end();
});
