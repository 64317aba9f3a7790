import t from 'tap';
import { episodeOf, gapsIn, withinGaps } from './story-figures.js';

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

void t.test('a gap is from the last sample before to the first after; what lies in between is within it', (t) => {
  const gaps = gapsIn([0, 2, 4, 12, 14, 17, 30], 2);
  t.same(gaps, [
    { fromS: 4, untilS: 12 },
    { fromS: 17, untilS: 30 },
  ]);
  t.same(withinGaps([3, 4, 5, 12, 29, 31], gaps), [5, 29]);
  t.end();
});
