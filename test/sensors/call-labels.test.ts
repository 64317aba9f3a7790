import t from 'tap';
import { senseOperatorLabels, senseTopologyLabels } from '../../src/sensors/call-labels.js';
import type { PrometheusClient } from '../../src/sensors/prometheus-client.js';
import type { VectorSample } from '../../src/sensors/prometheus-answer.js';
import { clientWithHistory, END_S, engineOf, healthySubtask, WINDOW_MS } from '../support/sensing.js';
import { NEVER } from '../support/webhook-sender-set-up.js';

const FLINK = engineOf('flink');
const LONG_AGO = { from: 420 };

void t.test('labels of an operator for the webhook', async (t) => {
  const subtask = { task: 'map', subtask: 0, job: 'wordcount' };
  const client = await clientWithHistory(
    t,
    [
      healthySubtask({ ...subtask, ...LONG_AGO }),
      // Restarted on its own: the other ids of its attempt and TaskManager are no labels of the operator.
      healthySubtask({ ...subtask, subtask: 1, attempt: 1, from: 60 }),
      healthySubtask({ ...subtask, task: 'other', jobId: 'a1b2' }),
      healthySubtask({ ...subtask, job: 'again', jobId: 'old', ...LONG_AGO }),
      healthySubtask({ ...subtask, job: 'again', jobId: 'old', subtask: 1, ...LONG_AGO }),
      healthySubtask({ ...subtask, job: 'again', jobId: 'new', from: 60 }),
      healthySubtask({ ...subtask, job: 'again', jobId: 'new', subtask: 1, from: 60 }),
      healthySubtask({ ...subtask, job: 'twice', jobId: 'one', ...LONG_AGO }),
      healthySubtask({ ...subtask, job: 'twice', jobId: 'two', ...LONG_AGO }),
    ].flat(),
  );
  let queries = 0;
  const counting = {
    query: (...given: Parameters<typeof client.query>) => {
      queries += 1;
      return client.query(...given);
    },
  };
  const labelsOfAll = (topology: string, operators: readonly string[]) =>
    senseOperatorLabels(
      counting,
      FLINK,
      { topology, operators },
      { atMs: END_S * 1000, windowMs: WINDOW_MS },
      AbortSignal.timeout(10_000),
    );
  const labelsOf = async (topology: string): Promise<Record<string, string>> =>
    (await labelsOfAll(topology, ['map'])).get('map') ?? {};

  t.same(await labelsOf('wordcount'), { job_id: 'a1b2', job_name: 'wordcount', task_id: 'vertex_3', task_name: 'map' });
  t.match(await labelsOf('again'), { job_id: 'new', task_id: 'vertex_3' }, 'of a job submitted again, the newest');
  t.equal((await labelsOf('twice'))['job_id'], undefined, 'of two jobs with one name, what they share');
  t.match(await labelsOf('twice'), { job_name: 'twice' });
  t.same(await labelsOf('gone'), {});

  queries = 0;
  const all = await labelsOfAll('wordcount', ['map', 'other', 'none']);
  t.equal(queries, 1, 'of several operators, at once');
  t.match(all.get('map'), { task_name: 'map', job_id: 'a1b2' });
  t.match(all.get('other'), { task_name: 'other', job_id: 'a1b2' });
  t.same(all.get('none'), {});
  t.same(await labelsOfAll('wordcount', []), new Map());
  t.equal(queries, 1, 'of none, not at all');
});

const SELECTION = { labelValues: ['one'], patterns: ['fleet_.*'] };

/** Answers every query with these samples, and keeps what was asked. */
function answering(samples: readonly VectorSample[], asked: string[] = []): PrometheusClient {
  return {
    query: (promql, _atMs, _signal, take) => {
      asked.push(promql);
      samples.forEach(take);
      return Promise.resolve();
    },
  };
}

void t.test('one query groups by the topology and the labels that are wanted', async (t) => {
  const asked: string[] = [];
  const labels = ['app', 'namespace'];
  const ask = (engine = FLINK, selection = SELECTION) =>
    senseTopologyLabels(answering([], asked), engine, { selection, labels }, 0, NEVER);
  await ask();
  t.strictSame(asked.splice(0), [
    'group by (job_name, app, namespace) ((flink_taskmanager_job_task_backPressuredTimeMsPerSecond' +
      '{job_name!="", job_name=~"one|(?:fleet_.*)"} / 1000))',
  ]);
  await ask(FLINK, { labelValues: [], patterns: [] });
  await ask(engineOf('flink', { sensors: {} }));
  t.strictSame(asked, [], 'of no topology, or without the sensor, nothing');
});

void t.test('a topology whose series differ in a label is left out, and one without it has none', async (t) => {
  const sample = (labels: Readonly<Record<string, string>>): VectorSample => ({ labels, value: 1 });
  const samples = [
    sample({ job_name: 'one', app: 'a' }),
    sample({ job_name: 'moved', app: 'a' }),
    sample({ job_name: 'moved', app: 'b' }),
    sample({ job_name: 'moved', app: 'c' }),
    sample({ job_name: 'bare' }),
    sample({ app: 'of nobody' }),
  ];
  const wanted = { selection: SELECTION, labels: ['app'] };
  const found = await senseTopologyLabels(answering(samples), FLINK, wanted, 0, NEVER);
  t.strictSame(
    [...found],
    [
      ['one', { job_name: 'one', app: 'a' }],
      ['bare', { job_name: 'bare' }],
    ],
  );
});

void t.test('the labels for a call are asked of its operators alone, whatever their names', async (t) => {
  const asked: string[] = [];
  const keys = { topology: 'one', operators: ['split', 'a"$1'] };
  await senseOperatorLabels(answering([], asked), FLINK, keys, { atMs: 0, windowMs: 60_000 }, NEVER);
  t.equal(asked.length, 1, 'one query, however many operators');
  const named =
    'and on (task_name) (label_replace(vector(1), "task_name", "split", "", "") or ' +
    'label_replace(vector(1), "task_name", "a\\"$$1", "", "")))';
  t.equal(asked[0]?.split(named).length, 3, 'both generations');
  await senseOperatorLabels(answering([], asked), FLINK, { ...keys, operators: [] }, { atMs: 0, windowMs: 1 }, NEVER);
  t.equal(asked.length, 1, 'of no operator, nothing');
});
