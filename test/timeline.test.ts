import fc from 'fast-check';
import t from 'tap';
import { Timeline } from '../src/timeline.js';
import { createFakeClock } from './support/fake-clock.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOON_MS = Date.UTC(2026, 0, 1, 12);

interface Setting {
  readonly timeline: Timeline;
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly jumps: readonly number[];
}

function begun(): Setting {
  const clock = createFakeClock(NOON_MS);
  const jumps: number[] = [];
  return { clock, jumps, timeline: new Timeline(clock, (byMs) => jumps.push(byMs)) };
}

await t.test('a clock that is never set is unchanged', (t) => {
  const { clock, timeline, jumps } = begun();
  clock.advance(HOUR_MS);
  t.equal(timeline.now(), NOON_MS + HOUR_MS);
  t.equal(timeline.elapsed(), clock.elapsed());
  t.equal(timeline.present(NOON_MS - 5 * HOUR_MS), NOON_MS - 5 * HOUR_MS, 'a time before the start, too');
  t.equal(timeline.forwardMs, 0);
  t.strictSame(jumps, []);
  t.end();
});

await t.test('an adjustment by a fraction of a second does not count as a setting, however often it happens', (t) => {
  const { clock, timeline, jumps } = begun();
  for (let minute = 0; minute < 100; minute += 1) {
    clock.advance(MINUTE_MS);
    clock.setWall(-400);
    timeline.now();
  }
  t.strictSame(jumps, []);
  t.end();
});

await t.test('each setting is reported once, with its size', (t) => {
  const { clock, timeline, jumps } = begun();
  clock.setWall(-2 * HOUR_MS);
  timeline.now();
  timeline.now();
  clock.advance(MINUTE_MS);
  clock.setWall(30 * MINUTE_MS);
  timeline.now();
  t.strictSame(jumps, [-2 * HOUR_MS, 30 * MINUTE_MS]);
  t.equal(timeline.forwardMs, 30 * MINUTE_MS);
  t.end();
});

await t.test('a stamp from before the clock was set back keeps its age', (t) => {
  const { clock, timeline } = begun();
  const stampMs = timeline.now();
  clock.advance(10 * MINUTE_MS);
  timeline.now();
  clock.setWall(-2 * HOUR_MS);
  clock.advance(5 * MINUTE_MS);
  t.equal(timeline.now() - timeline.present(stampMs), 15 * MINUTE_MS);
  const laterMs = timeline.now();
  clock.advance(MINUTE_MS);
  t.equal(timeline.present(laterMs), laterMs, 'and a later stamp is unchanged');
  t.end();
});

await t.test('a stamp from before the clock was set forward keeps its age', (t) => {
  const { clock, timeline } = begun();
  const stampMs = timeline.now();
  clock.advance(10 * MINUTE_MS);
  timeline.now();
  clock.setWall(2 * HOUR_MS);
  timeline.now();
  clock.advance(5 * MINUTE_MS);
  t.equal(timeline.now() - timeline.present(stampMs), 15 * MINUTE_MS);
  t.equal(
    timeline.now() - timeline.present(NOON_MS + HOUR_MS),
    5 * MINUTE_MS,
    'a time that this clock has never shown is taken for the moment it was set',
  );
  t.end();
});

await t.test('a future that this process has not seen becomes its beginning, a small one stays', (t) => {
  const { clock, timeline } = begun();
  clock.advance(10 * MINUTE_MS);
  t.equal(timeline.present(NOON_MS + 3 * HOUR_MS), NOON_MS);
  const aheadMs = timeline.now() + 2000;
  t.equal(timeline.present(aheadMs), aheadMs, 'as of a replica whose clock is ahead');
  t.end();
});

await t.test(
  'whatever is done to the clock, no stamp of this process seems older than it is, nor in the future',
  (t) => {
    const step = fc.record({
      advanceMs: fc.integer({ min: 1, max: HOUR_MS }),
      setMs: fc.oneof(fc.constant(0), fc.integer({ min: -3 * HOUR_MS, max: 3 * HOUR_MS })),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const { clock, timeline } = begun();
        const stamps: { readonly stampMs: number; readonly elapsedMs: number }[] = [];
        for (const { advanceMs, setMs } of steps) {
          stamps.push({ stampMs: timeline.now(), elapsedMs: clock.elapsed() });
          clock.advance(advanceMs);
          timeline.now();
          clock.setWall(setMs);
          timeline.now();
        }
        for (const { stampMs, elapsedMs } of stamps) {
          const ageMs = timeline.now() - timeline.present(stampMs);
          if (ageMs > clock.elapsed() - elapsedMs + steps.length * 1000 || ageMs < -60_000) {
            throw new Error(`${stampMs} is taken to be ${ageMs} ms old, not ${clock.elapsed() - elapsedMs}`);
          }
        }
      }),
      { numRuns: 1000 },
    );
    t.end();
  },
);

await t.test('after one setting of the clock the age of what can only be of before is exact', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: HOUR_MS }),
      fc.integer({ min: 0, max: HOUR_MS }),
      fc.integer({ min: 2 * HOUR_MS + MINUTE_MS, max: 5 * HOUR_MS }),
      fc.constantFrom(1, -1),
      (beforeMs, afterMs, byMs, direction) => {
        const { clock, timeline } = begun();
        const stampMs = timeline.now();
        clock.advance(beforeMs);
        timeline.now();
        clock.setWall(direction * byMs);
        timeline.now();
        clock.advance(afterMs);
        return timeline.now() - timeline.present(stampMs) === beforeMs + afterMs;
      },
    ),
  );
  t.end();
});
