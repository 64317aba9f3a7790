import t from 'tap';
import { LARGE_CONFIGURATIONS } from '../support/large-configurations.js';
import { benchGrowth } from './growth-bench.js';

await t.test('growth is measured for every kind of configuration, and for patterns', (t) => {
  const benches = benchGrowth({ lines: 400, longer: 2, patterns: 3, characters: 10_000 });
  t.strictSame(
    benches.map(({ what }) => what),
    [...Object.keys(LARGE_CONFIGURATIONS), 'characters that nested patterns are tried on'],
  );
  for (const { what, ratio } of benches) t.ok(Number.isFinite(ratio) && ratio > 0, `${what}: ${ratio}`);
  t.end();
});
