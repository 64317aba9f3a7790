// Waiting times for an evaluation interval.
import fc from 'fast-check';
import t from 'tap';
import { routeTimes, ruleTimes } from '../../../src/commands/rules/rule-times.js';

const MINUTE_MS = 60_000;

void t.test('at 5m they are those of the shipped files', (t) => {
  t.strictSame(ruleTimes(5 * MINUTE_MS, null), {
    ruleIntervalMs: 30_000,
    diagnosedForMs: MINUTE_MS,
    overprovisionedForMs: 15 * MINUTE_MS,
    unknownForMs: 7 * MINUTE_MS,
    keepFiringForMs: 5 * MINUTE_MS,
    lateAfterMs: 15 * MINUTE_MS,
    lateForMs: MINUTE_MS,
    failingRangeMs: 10 * MINUTE_MS,
    failingForMs: 15 * MINUTE_MS,
  });
  t.strictSame(routeTimes(5 * MINUTE_MS), { groupWaitMs: 5000, repeatIntervalMs: MINUTE_MS });
  t.end();
});

void t.test('a long interval stretches what counts evaluations', (t) => {
  t.match(ruleTimes(10 * MINUTE_MS, null), {
    overprovisionedForMs: 30 * MINUTE_MS,
    unknownForMs: 12 * MINUTE_MS,
    failingRangeMs: 20 * MINUTE_MS,
    failingForMs: 30 * MINUTE_MS,
  });
  t.equal(ruleTimes(10 * MINUTE_MS, MINUTE_MS).overprovisionedForMs, MINUTE_MS, 'a value of the user is used');
  t.end();
});

void t.test('where evaluations are frequent, several may be unknown', (t) => {
  t.equal(ruleTimes(MINUTE_MS, null).unknownForMs, 5 * MINUTE_MS);
  t.equal(ruleTimes(MINUTE_MS / 4, 2 * MINUTE_MS).unknownForMs, 45_000);
  t.end();
});

void t.test('the times are consistent for every interval', (t) => {
  const intervals = fc.integer({ min: 1, max: 86_400 }).map((seconds) => 1000 * seconds);
  fc.assert(
    fc.property(intervals, (intervalMs) => {
      const rules = ruleTimes(intervalMs, null);
      const route = routeTimes(intervalMs);
      return (
        // One missed evaluation ends no alert, and is none.
        rules.keepFiringForMs >= intervalMs &&
        rules.lateAfterMs > 2 * intervalMs &&
        rules.failingRangeMs < rules.failingForMs &&
        rules.overprovisionedForMs >= 3 * intervalMs &&
        // One unknown evaluation is bridged, and never all of the wait.
        rules.unknownForMs > intervalMs &&
        rules.unknownForMs < rules.overprovisionedForMs &&
        // A diagnosis is sent before the next evaluation.
        rules.diagnosedForMs <= intervalMs &&
        rules.ruleIntervalMs <= intervalMs &&
        route.groupWaitMs <= route.repeatIntervalMs &&
        (intervalMs === 1000 || 2 * route.repeatIntervalMs <= Math.max(2000, intervalMs)) &&
        Object.values<number>({ ...rules, ...route }).every((ms) => ms >= 1000 && ms % 1000 === 0)
      );
    }),
  );
  t.end();
});
