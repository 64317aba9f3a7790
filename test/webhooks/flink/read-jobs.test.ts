// The state of jobs, and when they are requested again.
import t, { type Test } from 'tap';
import { answerJson } from '../../support/answering-server.js';
import { flinkRestServer, recorded } from '../../support/flink-rest-server.js';
import { LATER, progressOf, RUNNING, setUpJobGraphs } from '../../support/job-graphs-set-up.js';
import { NEVER } from '../../support/webhook-sender-set-up.js';

/** A JobManager with a recorded job that the test changes. */
async function changingJob(t: Test) {
  const job = structuredClone(recorded('job').body) as { now: number; vertices: object[] } & Record<string, unknown>;
  const listed: Record<string, unknown> = { ...RUNNING };
  const control = { isDown: false, others: [] as object[] };
  const flink = await flinkRestServer(t, (response, { path }) => {
    if (control.isDown) response.writeHead(503).end();
    else if (path === '/jobs/overview') answerJson(response, 200, { jobs: [listed, ...control.others] });
    else answerJson(response, 200, job);
    return true;
  });
  return {
    control,
    job,
    reads: () => flink.requests.filter(({ path }) => path !== '/jobs/overview').length,
    url: flink.url,
    change: (count: object, more: Record<string, unknown> = {}, askedAfterMs = 60_000): void => {
      Object.assign(job.vertices[2] ?? {}, count);
      Object.assign(job, more);
      Object.assign(listed, more, { 'last-modification': job.now });
      job.now += askedAfterMs;
    },
  };
}

await t.test('the state of a job is read again after a change, and only then', async (t) => {
  const { url, change, reads } = await changingJob(t);
  const { refresh, find } = setUpJobGraphs(t, url);
  await refresh(NEVER);
  await refresh(NEVER);
  t.strictSame([progressOf(find('flink', 'word_count')), reads()], [['RUNNING', 2, 8], 1]);
  change({ parallelism: 3 });
  await refresh(NEVER);
  await refresh(NEVER);
  t.strictSame([progressOf(find('flink', 'word_count')), reads()], [['RUNNING', 3, 8], 2]);
  change({ status: 'FINISHED' });
  await refresh(NEVER);
  t.strictSame([progressOf(find('flink', 'word_count')), reads()], [['FINISHED', 3, 8], 3]);
  change({}, { state: 'RESTARTING' });
  await refresh(NEVER);
  t.strictSame(
    progressOf(find('flink', 'word_count')),
    [null, null, 8],
    'the state of a job that is not running is unknown',
  );
});

await t.test('a changed job is read until the answer cannot be older than the change', async (t) => {
  const { url, change, reads, job } = await changingJob(t);
  const { refresh, find } = setUpJobGraphs(t, url);
  await refresh(NEVER);
  // The JobManager lists the change at once, and answers for the job from its cache.
  change({}, {}, 1000);
  await refresh(NEVER);
  t.strictSame(progressOf(find('flink', 'word_count')), ['RUNNING', 2, 8]);
  Object.assign(job.vertices[2] ?? {}, { parallelism: 5 });
  job.now += 5000;
  await refresh(NEVER);
  t.strictSame(progressOf(find('flink', 'word_count')), ['RUNNING', 5, 8]);
  job.now += 30_000;
  for (let again = 0; again < 3; again += 1) await refresh(NEVER);
  t.equal(reads(), 4);
});

await t.test('without an answer, jobs keep their edges and limits, but not their state', async (t) => {
  const { url, control } = await changingJob(t);
  const { refresh, find } = setUpJobGraphs(t, url);
  await refresh(NEVER);
  control.isDown = true;
  await refresh(NEVER);
  t.strictSame(progressOf(find('flink', 'word_count')), [null, null, 8]);
  t.strictSame(find('flink', 'word_count')?.get('count')?.inputs, ['split:_a_b']);
  control.isDown = false;
  await refresh(NEVER);
  t.strictSame(progressOf(find('flink', 'word_count')), ['RUNNING', 2, 8], 'although nothing has changed meanwhile');
});

await t.test('two jobs of the same name have no state of their vertices', async (t) => {
  const { url, control } = await changingJob(t);
  const { refresh, find } = setUpJobGraphs(t, url);
  control.others = [{ ...RUNNING, ...LATER, jid: 'other' }];
  await refresh(NEVER);
  t.strictSame(progressOf(find('flink', 'word_count')), [null, null, 8]);
  control.others = [];
  await refresh(NEVER);
  t.strictSame(progressOf(find('flink', 'word_count')), ['RUNNING', 2, 8]);
});

await t.test('a refresh of some JobManagers only asks these, and none that was asked a moment ago', async (t) => {
  const { url, change, reads } = await changingJob(t);
  const { refresh, find, passMs } = setUpJobGraphs(t, url);
  await refresh(NEVER, new Set(['other']));
  t.strictSame([find('flink', 'word_count'), reads()], [null, 0]);
  await refresh(NEVER, new Set(['flink']));
  change({ parallelism: 3 });
  passMs(2999);
  await refresh(NEVER, new Set(['flink']));
  t.strictSame(progressOf(find('flink', 'word_count')), ['RUNNING', 2, 8]);
  passMs(1);
  await refresh(NEVER, new Set(['flink']));
  t.strictSame(progressOf(find('flink', 'word_count')), ['RUNNING', 3, 8]);
});
