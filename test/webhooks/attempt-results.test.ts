import t from 'tap';
import { describeAnswer, isSuccess, refused } from '../../src/webhooks/attempt-results.js';

const NOW_MS = Date.UTC(2026, 1, 3);

function answerOf(status: number, body = '', headers: Record<string, string> = {}) {
  return { status, body, headers: new Map(Object.entries(headers)), quotable: () => body };
}

await t.test('the words of an answer: its status, what that means, and how it begins', (t) => {
  t.equal(describeAnswer(answerOf(400, 'no such\njob')), 'answered 400: no such job');
  t.equal(describeAnswer(answerOf(500)), 'answered 500');
  t.equal(describeAnswer(answerOf(412)), 'answered 412 (stale)');
  t.equal(describeAnswer(answerOf(302)), 'answered 302 (redirects are not followed)');
  t.equal(
    describeAnswer(answerOf(302, '<html>'), "is url the JobManager's?"),
    "answered 302 (redirects are not followed): is url the JobManager's?",
  );
  t.equal(describeAnswer(answerOf(400, 'x'.repeat(300))), `answered 400: ${'x'.repeat(200)}…`);
  t.end();
});

await t.test('only 2xx is a success', (t) => {
  t.strictSame(
    [200, 204, 302, 404, 503].map((status) => isSuccess({ status })),
    [true, true, false, false, false],
  );
  t.end();
});

await t.test('the status decides about a repetition, and Retry-After about its time', (t) => {
  t.strictSame(refused(answerOf(404), 'gone', NOW_MS), { result: 'final', failure: 'gone' });
  t.strictSame(refused(answerOf(409), 'busy', NOW_MS), { result: 'retry', failure: 'busy', retryAfterMs: null });
  t.strictSame(refused(answerOf(503, '', { 'retry-after': '7' }), 'down', NOW_MS), {
    result: 'retry',
    failure: 'down',
    retryAfterMs: 7000,
  });
  t.end();
});
