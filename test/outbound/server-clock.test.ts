import fc from 'fast-check';
import t from 'tap';
import { ServerClock } from '../../src/outbound/server-clock.js';
import { answerTo, NOW_MS } from '../support/server-clock-answers.js';

await t.test(
  'a clock that agrees within what whole seconds can tell has no skew, and ours is what is asked for',
  (t) => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2000), fc.nat(2000), fc.nat(100_000)), { minLength: 1, maxLength: 20 }),
        (answers) => {
          const clock = new ServerClock('Prometheus');
          for (const [toMs, fromMs, laterMs] of answers) clock.note(answerTo(NOW_MS + laterMs, 0, {}, toMs, fromMs));
          return clock.skewMs() === 0 && clock.offsetMs() === 0 && clock.describe() === null;
        },
      ),
    );
    t.end();
  },
);

await t.test('a skew is known to a second and what the quickest answer took, whichever way round', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      fc.array(fc.tuple(fc.nat(300), fc.nat(300), fc.nat(100_000)), { minLength: 1, maxLength: 20 }),
      (skewMs, answers) => {
        const clock = new ServerClock('Prometheus');
        for (const [toMs, fromMs, laterMs] of answers) clock.note(answerTo(NOW_MS + laterMs, skewMs, {}, toMs, fromMs));
        const quickestMs = Math.min(...answers.map(([toMs, fromMs]) => toMs + fromMs));
        const errorMs = Math.abs((clock.skewMs() ?? NaN) - skewMs);
        const offMs = Math.abs(clock.offsetMs() - skewMs);
        return errorMs <= 1000 + quickestMs && (offMs <= 1000 + quickestMs || Math.abs(skewMs) <= 2000 + quickestMs);
      },
    ),
  );
  t.end();
});

await t.test('beyond a second Prometheus is asked for its own time, beyond five people are told', (t) => {
  const said = [500, 3000, 60_000, -290_000].map((skewMs) => {
    const clock = new ServerClock('Prometheus');
    clock.note(answerTo(NOW_MS, skewMs));
    return [Math.round(clock.offsetMs() / 1000), clock.describe()];
  });
  t.strictSame(said, [
    [0, null],
    [3, null],
    [60, 'The clock of Prometheus is 60 s ahead of ours: it is asked for its own time.'],
    [-290, 'The clock of Prometheus is 290 s behind ours: it is asked for its own time.'],
  ]);
  t.end();
});

await t.test('what it is asked for does not waver with each answer, and follows a clock that is set', (t) => {
  const clock = new ServerClock('Prometheus');
  clock.note(answerTo(NOW_MS, 60_000));
  const first = clock.offsetMs();
  for (const laterMs of [1300, 2700, 60_000]) clock.note(answerTo(NOW_MS + laterMs, 60_000, {}, 200, 300));
  t.equal(clock.offsetMs(), first);
  clock.note(answerTo(NOW_MS + 70_000, 0));
  t.strictSame([clock.offsetMs(), clock.skewMs()], [0, 0]);
  t.end();
});

await t.test('the date of a proxy is told, and not followed', (t) => {
  for (const header of ['server', 'via', 'age']) {
    const clock = new ServerClock('Prometheus');
    clock.note(answerTo(NOW_MS, 60_000, { [header]: '1' }));
    t.equal(clock.offsetMs(), 0);
    t.match(clock.describe(), /60 s ahead of ours: but a proxy in between/);
  }
  t.end();
});

await t.test('an answer without a date, or during which our clock was set back, tells nothing', (t) => {
  const clock = new ServerClock('Prometheus');
  clock.note({ answer: { headers: new Map() }, askedAtMs: NOW_MS, answeredAtMs: NOW_MS });
  clock.note({ answer: { headers: new Map([['date', 'yesterday']]) }, askedAtMs: NOW_MS, answeredAtMs: NOW_MS });
  clock.note({ ...answerTo(NOW_MS, 60_000), answeredAtMs: NOW_MS - 1 });
  t.equal(clock.skewMs(), null);
  t.end();
});
