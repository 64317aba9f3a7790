import t from 'tap';
import { gunzipSync } from 'node:zlib';
import { renderTopology } from '../../src/http/json-views.js';
import type { TopologyView } from '../../src/http/service-view.js';
import type { TopologyEvaluation } from '../../src/model/evaluation.js';
import { operatorEvaluation, scaleUpAction, topologyEvaluation } from '../support/evaluations.js';
import { startTestService } from '../support/http-service.js';
import { rawGet } from '../support/raw-get.js';

/** Counts how often its operators are looked at. */
function watchedEvaluation(name: string): { readonly evaluation: TopologyEvaluation; readonly looks: () => number } {
  let looks = 0;
  const { operators, ...rest } = topologyEvaluation(name, [operatorEvaluation('split')]);
  const evaluation = Object.defineProperty(rest, 'operators', {
    enumerable: true,
    get: () => {
      looks += 1;
      return operators;
    },
  }) as TopologyEvaluation;
  return { evaluation, looks: () => looks };
}

function viewOf(evaluation: TopologyEvaluation, more: Partial<TopologyView> = {}): TopologyView {
  return {
    topology: evaluation.topology,
    engine: 'flink',
    mode: 'enforce',
    resolvers: ['scale_up'],
    evaluation,
    openAction: null,
    judging: null,
    lastDecisions: [],
    ...more,
  };
}

await t.test('the list is rendered once for all who ask, and again when something in it has changed', async (t) => {
  const { evaluation, looks } = watchedEvaluation('wordcount');
  let topologies = [viewOf(evaluation)];
  // A new object per request, as from a log that is read again.
  const { url } = await startTestService(t, {
    service: { topologies: () => Promise.resolve(topologies.map((view) => ({ ...view }))) },
  });
  const ask = async (): Promise<unknown> => (await fetch(`${url}/api/v1/topologies`)).json();
  const answers = await Promise.all(Array.from({ length: 10 }, ask));
  t.equal(looks(), 1);
  for (const answer of answers) {
    t.strictSame(answer, { status: 'success', data: topologies.map(renderTopology) });
  }
  const before = looks();
  topologies = [viewOf(evaluation, { openAction: scaleUpAction() })];
  t.match(await ask(), { data: [{ open_action: { operator: 'split' } }] });
  topologies = [viewOf(evaluation, { openAction: scaleUpAction({ attempts: 7 }) })];
  t.match(await ask(), { data: [{ open_action: { attempts: 7 } }] });
  topologies = [...topologies, viewOf(topologyEvaluation('other', []))];
  t.match(await ask(), { data: [{ topology: 'wordcount' }, { topology: 'other' }] });
  topologies = [viewOf(topologyEvaluation('wordcount', []))];
  t.match(await ask(), { data: [{ topology: 'wordcount', operators: [] }] });
  t.equal(looks(), before + 3);
  topologies = [];
  t.strictSame(await ask(), { status: 'success', data: [] });
});

await t.test('the list is compressed for those who take gzip', async (t) => {
  const topologies = [viewOf(topologyEvaluation('wordcount', [operatorEvaluation('split')]))];
  const { url } = await startTestService(t, { service: { topologies: () => Promise.resolve(topologies) } });
  const list = `${url}/api/v1/topologies`;
  const plain = await rawGet(list, {});
  const compressed = await rawGet(list, { 'accept-encoding': 'gzip, deflate, br' });
  t.equal(plain.headers['content-encoding'], undefined);
  t.equal(compressed.headers['content-encoding'], 'gzip');
  t.same(gunzipSync(compressed.body), plain.body);
  for (const { headers, body } of [plain, compressed]) {
    t.equal(headers['content-type'], 'application/json; charset=utf-8');
    t.equal(headers['content-length'], String(body.length));
    t.equal(headers['vary'], 'Accept-Encoding');
  }
  const head = await rawGet(list, {}, 'HEAD');
  t.equal(head.headers['content-length'], String(plain.body.length));
  t.equal(head.body.length, 0);
});
