import t from 'tap';
import { neededOfSplit } from './word-count.js';

void t.test('what split needs is a division', (t) => {
  t.equal(neededOfSplit(250, 1), 3);
  t.equal(neededOfSplit(250, 0.8), 4);
  t.equal(neededOfSplit(240, 0.8), 3);
  t.equal(neededOfSplit(1, 1), 1);
  t.end();
});
