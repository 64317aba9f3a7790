import t from 'tap';
import { parseFlinkDuration } from '../../src/webhooks/flink-duration.js';

const TABLE: Readonly<Record<string, number | null>> = {
  '30 s': 30_000,
  '30s': 30_000,
  ' 5 min ': 300_000,
  '2 MIN': 120_000,
  '1 h': 3_600_000,
  '1 day': 86_400_000,
  '500 ms': 500,
  '1500': 1500,
  '0': 0,
  '2000000 ns': 2,
  '3000 µs': 3,
  '': null,
  '-1': null,
  '1.5 s': null,
  '1 fortnight': null,
  PT30S: null,
  '1 s 500 ms': null,
};

for (const [written, expected] of Object.entries(TABLE)) {
  void t.test(`"${written}" is ${expected === null ? 'not a duration' : `${expected} ms`}`, (t) => {
    t.equal(parseFlinkDuration(written), expected);
    t.end();
  });
}
