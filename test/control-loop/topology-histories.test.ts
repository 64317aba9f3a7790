import t from 'tap';
import { setImmediate } from 'node:timers/promises';
import { TopologyHistories } from '../../src/control-loop/topology-histories.js';
import { DhalionError } from '../../src/errors.js';
import type { PrometheusRangeClient } from '../../src/sensors/prometheus-client.js';
import { createFakeClock } from '../support/fake-clock.js';
import { NEVER } from '../support/webhook-sender-set-up.js';

const LABELS = { operator: 'split', series: 'parallelism' };

function setUp(answer: (promql: string) => Promise<void> = () => Promise.resolve()) {
  const asked: string[] = [];
  let underWay = 0;
  let most = 0;
  const client: PrometheusRangeClient = {
    queryRange: async (promql, _range, _signal, take) => {
      asked.push(promql);
      underWay += 1;
      most = Math.max(most, underWay);
      try {
        await answer(promql);
        take({ labels: LABELS, values: [4] });
      } finally {
        underWay -= 1;
      }
    },
  };
  const clock = createFakeClock();
  const parts = { client, matchers: '', evaluationIntervalMs: 60_000, clock, signal: NEVER };
  return { histories: new TopologyHistories(parts), clock, asked, most: () => most };
}

await t.test('ten pages with the same history make one query, until there can be a new point', async (t) => {
  const { histories, clock, asked } = setUp();
  const read = () => histories.read('wordcount', '1h');
  const answers = await Promise.all(Array.from({ length: 10 }, read));
  t.equal(asked.length, 1);
  t.match(answers[9], { topology: 'wordcount', range: '1h', stepMs: 30_000, unknownBecause: null });
  clock.advance(14_999);
  t.equal(await read(), answers[0]);
  clock.advance(1);
  t.not(await read(), answers[0]);
  t.equal(asked.length, 2);
  await histories.read('wordcount', '24h');
  await histories.read('other', '1h');
  t.equal(asked.length, 4, 'other questions');
});

await t.test('two queries run at a time, and the queue is limited', async (t) => {
  const waiting: (() => void)[] = [];
  const { histories, asked, most } = setUp(() => new Promise((resolve) => waiting.push(resolve)));
  const readings = Array.from({ length: 102 }, (_, index) => histories.read(`topology ${index}`, '1h'));
  await t.rejects(histories.read('one more', '1h'), { code: 'too_many_requests', retryable: true });
  await setImmediate();
  t.equal(asked.length, 2);
  while (waiting.length > 0) {
    waiting.pop()?.();
    await setImmediate();
  }
  t.equal((await Promise.all(readings)).length, 102);
  t.equal(most(), 2);
  const again = histories.read('one more', '1h');
  await setImmediate();
  waiting.pop()?.();
  t.match(await again, { unknownBecause: null }, 'the next read queries it');
});

await t.test('a Prometheus that does not answer is reported, and soon queried again', async (t) => {
  let fault: DhalionError | null = new DhalionError('prometheus_unreachable', 'Prometheus is unreachable');
  const { histories, clock, asked } = setUp(() => (fault === null ? Promise.resolve() : Promise.reject(fault)));
  const read = () => histories.read('wordcount', '24h');
  t.match(await read(), { operators: [], unknownBecause: 'Prometheus is unreachable' });
  fault = null;
  await read();
  t.equal(asked.length, 1);
  clock.advance(5000);
  t.match(await read(), { operators: [{ operator: 'split' }], unknownBecause: null });
});

await t.test('a missing scrape of Dhalion is reported', async (t) => {
  const clock = createFakeClock();
  const client: PrometheusRangeClient = { queryRange: () => Promise.resolve() };
  const parts = { client, matchers: '', evaluationIntervalMs: 60_000, clock, signal: NEVER };
  const history = await new TopologyHistories(parts).read('wordcount', '6h');
  t.match(history, {
    operators: [],
    unknownBecause: /none of the series that Dhalion exports.*does it scrape Dhalion/,
  });
});

await t.test('the cache has a limit', async (t) => {
  const { histories, clock, asked } = setUp();
  for (let index = 0; index < 100; index += 1) await histories.read(`topology ${index}`, '24h');
  t.equal(asked.length, 100);
  await histories.read('topology 99', '24h');
  t.equal(asked.length, 100, 'the newest are kept');
  await histories.read('topology 0', '24h');
  t.equal(asked.length, 101, 'the oldest are not');
  clock.advance(60_000);
  await histories.read('topology 99', '24h');
  t.equal(asked.length, 102);
});
