import t from 'tap';
import { mergePolicy } from '../../src/config/policy-merge.js';
import type { Mode } from '../../src/model/policy-settings.js';
import { DEFAULT_SETTINGS } from '../support/measurements.js';

const MINUTE_MS = 60_000;
const window = { windowMs: 5 * MINUTE_MS, seriesTtlMs: 0, hasWebhook: true };

await t.test('without any layer every setting has its default', (t) => {
  t.strictSame(mergePolicy([], window), { ...DEFAULT_SETTINGS, maxParallelism: null });
  t.end();
});

await t.test('without a webhook the default mode is observe', (t) => {
  const modeWith = (...modes: readonly Mode[]): Mode =>
    mergePolicy(
      modes.map((mode) => ({ mode })),
      { ...window, hasWebhook: false },
    ).mode;
  t.equal(modeWith(), 'observe');
  t.equal(modeWith('enforce'), 'enforce');
  t.equal(modeWith('enforce', 'dry_run'), 'dry_run');
  t.end();
});

await t.test('the most specific layer with a value wins', (t) => {
  const policy = mergePolicy(
    [
      { mode: 'observe', cooldown: '1m', max_parallelism: 8, idle_scale_down: true },
      { cooldown: '2m', min_parallelism: 2 },
      { cooldown: 0, idle_scale_down: false },
    ],
    window,
  );
  t.match(policy, { mode: 'observe', cooldownMs: 0, maxParallelism: 8, minParallelism: 2, idleScaleDown: false });
  t.end();
});

await t.test('the memory of scale-downs is never longer than its maximum, which is never shorter', (t) => {
  const policy = mergePolicy([{ scale_down_memory: '6h' }], window);
  t.match(policy, { scaleDownMemoryMs: 360 * MINUTE_MS, scaleDownMemoryMaxMs: 360 * MINUTE_MS });
  t.end();
});

await t.test('a null in a more specific layer takes a bound away', (t) => {
  t.equal(mergePolicy([{ max_parallelism: 8 }, { max_parallelism: null }], window).maxParallelism, null);
  t.end();
});

await t.test('the settling time covers series that outlive their instance', (t) => {
  const settlingTimeMs = (written: string | undefined, seriesTtlMs: number): number =>
    mergePolicy([written === undefined ? {} : { settling_time: written }], { ...window, seriesTtlMs }).settlingTimeMs;
  t.equal(settlingTimeMs(undefined, 10_000), 5 * MINUTE_MS + 30_000);
  t.equal(settlingTimeMs(undefined, 10 * MINUTE_MS), 15 * MINUTE_MS);
  t.equal(settlingTimeMs('1s', 0), 5 * MINUTE_MS);
  t.equal(settlingTimeMs('1h', 10 * MINUTE_MS), 60 * MINUTE_MS);
  t.end();
});
