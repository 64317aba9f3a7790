import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { DhalionError } from '../../../src/errors.js';
import { createLogger } from '../../../src/logger.js';
import { createJobGraphs } from '../../../src/webhooks/flink/job-graphs.js';
import { answerJson } from '../../support/answering-server.js';
import { flinkRestServer, JOB_ID, recorded } from '../../support/flink-rest-server.js';
import { LATER, progressOf, RUNNING, setUpJobGraphs } from '../../support/job-graphs-set-up.js';
import { NEVER } from '../../support/webhook-sender-set-up.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

await t.test('a reading that ends after a later one is ignored', async (t) => {
  const held: (() => void)[] = [];
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (path !== '/jobs/overview' || held.length > 0) return false;
    held.push(() => {
      answerJson(response, 200, { jobs: [] });
    });
    return true;
  });
  const { refresh, find } = setUpJobGraphs(t, flink.url);
  const overtaken = refresh(NEVER);
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await refresh(NEVER);
  for (const answer of held) answer();
  await overtaken;
  t.strictSame(progressOf(find('flink', 'word_count')), ['RUNNING', 2, 8]);
});

await t.test("a job's graph is read once, and found by its name in the series", async (t) => {
  const flink = await flinkRestServer(t);
  const { refresh, find } = setUpJobGraphs(t, flink.url);
  t.equal(find('flink', 'word_count'), null);
  await refresh(NEVER);
  await refresh(NEVER);
  t.equal(find('flink', 'word_count')?.size, 4);
  t.equal(find('flink', 'word count'), find('flink', 'word_count'), 'also without the filter of the reporter');
  t.strictSame([find('flink', 'other'), find('other', 'word_count')], [null, null]);
  t.strictSame(
    flink.requests.map(({ path }) => path),
    ['/jobs/overview', `/jobs/${JOB_ID}`, '/jobs/overview'],
  );
});

await t.test('a job that is submitted again is read again, and the newest counts', async (t) => {
  let jobs = [RUNNING];
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (path === '/jobs/overview') answerJson(response, 200, { jobs });
    else if (path === '/jobs/again') {
      const again = { vertices: [{ id: 'a', name: 'all' }], plan: { nodes: [{ id: 'a' }] } };
      answerJson(response, 200, again);
    } else return false;
    return true;
  });
  const { refresh, find } = setUpJobGraphs(t, flink.url);
  await refresh(NEVER);
  jobs = [{ ...RUNNING, ...LATER, jid: 'again' }, RUNNING];
  await refresh(NEVER);
  t.strictSame([...(find('flink', 'word_count')?.keys() ?? [])], ['all']);
  jobs = [];
  await refresh(NEVER);
  t.equal(find('flink', 'word_count'), null, 'an ended job is forgotten');
});

await t.test('a job that runs again with the same id is read again', async (t) => {
  let job = RUNNING;
  let nodes: object[] = [{ id: 'a' }];
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (path === '/jobs/overview') answerJson(response, 200, { jobs: [job] });
    else answerJson(response, 200, { vertices: nodes.map((node) => ({ ...node, name: 'all' })), plan: { nodes } });
    return true;
  });
  const { refresh, find } = setUpJobGraphs(t, flink.url);
  await refresh(NEVER);
  t.strictSame([...(find('flink', 'word_count')?.keys() ?? [])], ['all']);
  job = { ...RUNNING, ...LATER };
  nodes = [];
  await refresh(NEVER);
  t.equal(find('flink', 'word_count'), null, 'the old graph does not apply to it');
});

await t.test('a job that waits for slots causes no warning, and is read when it has them', async (t) => {
  let isWaiting = true;
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (!isWaiting) return false;
    if (path === '/jobs/overview') answerJson(response, 200, { jobs: [{ ...RUNNING, state: 'CREATED' }] });
    else answerJson(response, 200, { ...(recorded('job').body as object), plan: {} });
    return true;
  });
  const { refresh, find, lines } = setUpJobGraphs(t, flink.url);
  await refresh(NEVER);
  t.equal(find('flink', 'word_count'), null);
  isWaiting = false;
  await refresh(NEVER);
  t.equal(find('flink', 'word_count')?.size, 4);
  isWaiting = true;
  await refresh(NEVER);
  t.equal(find('flink', 'word_count')?.size, 4, 'during a rescale its graph is kept');
  t.strictSame(lines, []);
});

await t.test('hanging jobs delay one refresh up to its limit, and never block the jobs behind them', async (t) => {
  const hanging = Array.from({ length: 40 }, (_, index) => ({ ...RUNNING, jid: `hangs${index}`, name: `x${index}` }));
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (path === '/jobs/overview') answerJson(response, 200, { jobs: [...hanging, RUNNING] });
    return path !== `/jobs/${JOB_ID}`;
  });
  const { refresh, find, lines } = setUpJobGraphs(t, flink.url, { timeoutMs: 100 }, 500);
  // The garbage collector must not remove the limit.
  const collecting = setInterval(collectGarbage, 20);
  await refresh(NEVER);
  clearInterval(collecting);
  // With four at a time, there was time for half of them.
  t.ok(flink.requests.length < hanging.length, `${flink.requests.length} requests`);
  for (let round = 0; find('flink', 'word_count') === null && round < 20; round += 1) await refresh(NEVER);
  t.equal(find('flink', 'word_count')?.size, 4);
  t.match(lines, [{ level: 'warn' }], 'one warning');
  t.equal(lines.length, 1);
});

await t.test('only wanted jobs are read', async (t) => {
  const flink = await flinkRestServer(t);
  const { refresh, find } = setUpJobGraphs(t, flink.url, { jobs: ['other'] });
  await refresh(NEVER);
  t.strictSame([find('flink', 'word_count'), flink.requests.length], [null, 1]);
});

await t.test('a JobManager that does not answer causes one warning, and known graphs are kept', async (t) => {
  let isDown = true;
  const flink = await flinkRestServer(t, (response) => {
    if (isDown) response.writeHead(503).end('a leader is being elected');
    return isDown;
  });
  const { refresh, find, lines } = setUpJobGraphs(t, flink.url);
  await refresh(NEVER);
  await refresh(NEVER);
  t.equal(find('flink', 'word_count'), null);
  t.match(lines, [
    { level: 'warn', webhook: 'flink', error: 'GET /jobs/overview: answered 503: a leader is being elected' },
  ]);
  isDown = false;
  await refresh(NEVER);
  isDown = true;
  await refresh(NEVER);
  t.equal(find('flink', 'word_count')?.size, 4);
  t.match(lines.slice(1), [{ level: 'info' }, { level: 'warn' }]);
});

await t.test('a JobManager that hangs, is missing or is not Flink does not affect the others', async (t) => {
  const hanging = await flinkRestServer(t, () => true);
  const page = await flinkRestServer(t, (response) => {
    response.writeHead(200).end('<html>');
    return true;
  });
  for (const url of [hanging.url, page.url, 'http://127.0.0.1:1']) {
    const { refresh, lines } = setUpJobGraphs(t, url, { timeoutMs: 200 });
    await t.resolves(refresh(NEVER));
    t.match(lines, [{ level: 'warn' }], url);
  }
});

await t.test('a job with an unreadable graph does not affect the others', async (t) => {
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (path === '/jobs/overview')
      answerJson(response, 200, { jobs: [{ ...RUNNING, jid: 'bad', name: 'bad' }, RUNNING] });
    return path === '/jobs/overview';
  });
  const { refresh, find, lines } = setUpJobGraphs(t, flink.url);
  await refresh(NEVER);
  t.strictSame([find('flink', 'word_count')?.size, find('flink', 'bad')], [4, null]);
  t.match(lines, [{ level: 'warn', error: /jobs\/bad/ }]);
});

await t.test('a shutdown causes no warning', async (t) => {
  const flink = await flinkRestServer(t, () => true);
  const { refresh, lines } = setUpJobGraphs(t, flink.url);
  const shutdown = new AbortController();
  const refreshed = refresh(shutdown.signal);
  shutdown.abort();
  await refreshed;
  t.strictSame(lines, []);
});

await t.test(
  'thirty-two JobManagers are asked at once, and those without time left come first the next time',
  async (t) => {
    const ids = Array.from({ length: 40 }, (_, index) => String(index));
    const asked: string[] = [];
    const held: (() => void)[] = [];
    const http = {
      call: ({ url }: { readonly url: string }): Promise<never> => {
        asked.push(url.replace('/jobs/overview', ''));
        return new Promise((_resolve, reject) => {
          held.push(() => {
            reject(new DhalionError('call_timeout', 'no answer'));
          });
        });
      },
    };
    let nowMs = 0;
    const { refresh } = createJobGraphs({
      jobManagers: () => ids.map((id) => ({ id, name: 'fleet', url: id, timeoutMs: 1000, http, jobs: null })),
      clock: { elapsed: () => nowMs },
      logger: createLogger({ level: 'error', format: 'json' }, { write: () => undefined }),
    });
    const first = refresh(NEVER);
    await new Promise(setImmediate);
    t.strictSame(asked, ids.slice(0, 32));
    nowMs = 5000;
    for (const answer of held.splice(0)) answer();
    await first;
    t.equal(asked.length, 32, 'no time is left for the others');
    const second = refresh(NEVER);
    await new Promise(setImmediate);
    t.strictSame(asked.slice(32), [...ids.slice(32), ...ids.slice(0, 24)]);
    for (const answer of held.splice(0)) answer();
    await new Promise(setImmediate);
    for (const answer of held.splice(0)) answer();
    await second;
    t.equal(asked.length, 72);
  },
);
