import fc from 'fast-check';
import t from 'tap';
import { BACKOFF_CAP_MS, nextAttemptDelayMs, type RetrySituation } from '../../src/webhooks/retry-schedule.js';

const situation: RetrySituation = {
  attempts: 1,
  maxAttempts: 10,
  retryAfterMs: null,
  nowMs: 1_000_000,
  expiresAtMs: 2_000_000,
  random: () => 0.5,
};

await t.test('the limit of the wait doubles from 1 s to 30 s', (t) => {
  const waits = [1, 2, 3, 4, 5, 6, 9].map((attempts) => nextAttemptDelayMs({ ...situation, attempts }));
  t.strictSame(
    waits,
    [500, 1000, 2000, 4000, 8000, 15_000, 15_000].map((delayMs) => ({ delayMs })),
  );
  t.strictSame(nextAttemptDelayMs({ ...situation, attempts: 99, maxAttempts: 100 }), { delayMs: 15_000 });
  t.end();
});

await t.test('attempts run out, including those before a restart', (t) => {
  t.equal(nextAttemptDelayMs({ ...situation, attempts: 10 }), 'exhausted');
  t.equal(nextAttemptDelayMs({ ...situation, attempts: 11 }), 'exhausted');
  t.equal(nextAttemptDelayMs({ ...situation, attempts: 1, maxAttempts: 1 }), 'exhausted');
  t.end();
});

await t.test('no attempt is planned for the moment of expiry or later', (t) => {
  t.equal(nextAttemptDelayMs({ ...situation, expiresAtMs: situation.nowMs + 500 }), 'expired');
  t.strictSame(nextAttemptDelayMs({ ...situation, expiresAtMs: situation.nowMs + 501 }), { delayMs: 500 });
  t.equal(nextAttemptDelayMs({ ...situation, retryAfterMs: 1_000_000 }), 'expired');
  t.equal(nextAttemptDelayMs({ ...situation, expiresAtMs: situation.nowMs - 1 }), 'expired');
  t.end();
});

await t.test('a wait is at least Retry-After, at most the backoff longer, and ends before expiry', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.option(fc.integer({ min: 0, max: 1_000_000 })),
      fc.integer({ min: -1000, max: 1_000_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempts, retryAfterMs, leftMs, random) => {
        const expiresAtMs = situation.nowMs + leftMs;
        const next = nextAttemptDelayMs({ ...situation, attempts, retryAfterMs, expiresAtMs, random: () => random });
        if (next === 'exhausted') return attempts >= situation.maxAttempts;
        const earliestMs = retryAfterMs ?? 0;
        if (next === 'expired') return earliestMs + BACKOFF_CAP_MS >= leftMs;
        return next.delayMs >= earliestMs && next.delayMs <= earliestMs + BACKOFF_CAP_MS && next.delayMs < leftMs;
      },
    ),
  );
  t.end();
});
