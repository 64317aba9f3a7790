import t from 'tap';
import { checkFuzz } from './check-fuzz.js';

t.setTimeout(400_000);

await t.test(
  '2,000 mutated bodies for every operation with a body are answered without a fault, and cause no unexpected call',
  (t) => checkFuzz(t, 2000),
);
