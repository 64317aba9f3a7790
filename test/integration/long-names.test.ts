// With the storage whose indexes take short keys only; `npm run test:long` has both.
import t from 'tap';
import { checkLongNames } from './long-names.js';

t.setTimeout(240_000);

void t.test('an alert about an operator whose name has 100,000 characters', (t) => checkLongNames(t, ['PostgreSQL']));
