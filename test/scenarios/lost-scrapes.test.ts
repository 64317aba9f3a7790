// Some topologies; `npm run test:long` has ten times as many.
import t from 'tap';
import { checkLostScrapes } from './lost-scrapes.js';

// Thousands of series, however busy the machine is.
t.setTimeout(600_000);

await t.test('whatever scrapes are lost, a symptom stays as it was or becomes unknown, and nothing is asked for', (t) =>
  checkLostScrapes(t, 200),
);
