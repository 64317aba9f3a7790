import t from 'tap';
import { checkLongNames } from './long-names.js';

t.setTimeout(240_000);

void t.test('an alert about an operator whose name has 100,000 characters, with each storage', (t) =>
  checkLongNames(t, ['SQLite', 'PostgreSQL']),
);
