import t from 'tap';
import { setImmediate } from 'node:timers/promises';
import type { History } from '../../../../src/http/page/browser/api-types.js';
import { Histories } from '../../../../src/http/page/browser/histories.js';
import { renderHistory } from '../../../../src/http/history-route.js';
import { historyView, operatorHistory } from '../../../support/histories.js';

function setUp() {
  const asked: string[] = [];
  const waiting: { resolve: (history: History) => void; reject: (error: Error) => void }[] = [];
  let nowMs = 0;
  let changes = 0;
  const histories = new Histories({
    ask: (topology, range) => {
      asked.push(`${topology} ${range ?? 'usual'}`);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    onChange: () => {
      changes += 1;
    },
    nowMs: () => nowMs,
  });
  const answer = async (unknownBecause: string | null = null): Promise<void> => {
    waiting.shift()?.resolve(renderHistory(historyView('x', [operatorHistory('split')], { unknownBecause })));
    await setImmediate();
  };
  const refuse = async (): Promise<void> => {
    waiting.shift()?.reject(new Error('The service does not answer in time.'));
    await setImmediate();
  };
  return { histories, asked, answer, refuse, changes: () => changes, pass: (ms: number) => (nowMs += ms) };
}

await t.test(
  'histories of open topologies are requested one at a time, and again when a new point may exist',
  async (t) => {
    const { histories, asked, answer, changes, pass } = setUp();
    const follow = (): void => {
      histories.follow(['a', 'b']);
    };
    follow();
    follow();
    t.strictSame(asked, ['a usual'], 'one at a time');
    t.equal(histories.of('a'), null);
    await answer();
    t.equal(changes(), 1);
    t.match(histories.of('a'), { fault: null, history: { step_seconds: 180 } });
    follow();
    await answer();
    follow();
    t.strictSame(asked, ['a usual', 'b usual']);
    pass(59_999);
    follow();
    t.equal(asked.length, 2);
    pass(1);
    follow();
    t.equal(asked[2], 'a usual');
  },
);

await t.test('another range is asked for at once', async (t) => {
  const { histories, asked, answer } = setUp();
  histories.follow(['a']);
  histories.choose('24h');
  await answer();
  histories.follow(['a']);
  await answer();
  histories.follow(['a']);
  t.strictSame(asked, ['a usual', 'a 24h']);
});

await t.test('a request without an answer is reported, and repeated after a while', async (t) => {
  const { histories, asked, answer, refuse, pass } = setUp();
  histories.follow(['a']);
  await refuse();
  t.strictSame(histories.of('a'), { history: null, fault: 'The service does not answer in time.' });
  histories.follow(['a']);
  t.equal(asked.length, 1);
  pass(10_000);
  histories.follow(['a']);
  await answer('Prometheus is unreachable');
  pass(10_000);
  histories.follow(['a']);
  t.equal(asked.length, 3, 'as is what Prometheus did not answer');
});

await t.test('each of many unanswered requests has its turn', async (t) => {
  const { histories, asked, refuse, pass } = setUp();
  for (let turn = 0; turn < 8; turn += 1) {
    histories.follow(['a', 'b', 'c', 'd']);
    // As long as the service waits for Prometheus.
    pass(8000);
    await refuse();
  }
  t.strictSame(asked.slice(0, 4), ['a usual', 'b usual', 'c usual', 'd usual']);
  t.strictSame(asked.slice(4), asked.slice(0, 4));
});

await t.test('a closed topology is forgotten, and not requested', async (t) => {
  const { histories, asked, answer, pass } = setUp();
  histories.follow(['a']);
  await answer();
  histories.follow([]);
  t.equal(histories.of('a'), null);
  pass(600_000);
  histories.follow([]);
  t.equal(asked.length, 1);
});
