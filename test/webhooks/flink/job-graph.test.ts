import t from 'tap';
import { labelOf, parseJobGraph, parseRunningJobs, type JobVertex } from '../../../src/webhooks/flink/job-graph.js';
import { JOB_ID, recorded } from '../../support/flink-rest-server.js';

const job = recorded('job').body as { vertices: { id: string; name: string }[]; plan: object };

await t.test(
  "a job's graph has the names of its series, the edges of its plan, and what its vertices run with",
  (t) => {
    const status = 'RUNNING';
    t.strictSame(parseJobGraph(JSON.stringify(job)), {
      graph: new Map([
        ['Source:_numbers__all_', { inputs: [], status, parallelism: 1, maxParallelism: 128, keyGroups: null }],
        [
          'split:_a_b',
          { inputs: ['Source:_numbers__all_'], status, parallelism: 2, maxParallelism: 128, keyGroups: null },
        ],
        ['count', { inputs: ['split:_a_b'], status, parallelism: 2, maxParallelism: 8, keyGroups: 8 }],
        ['out:_Writer', { inputs: ['count'], status, parallelism: 1, maxParallelism: 128, keyGroups: null }],
      ]),
      toldAtMs: 1_795_640_096_744,
    });
    t.end();
  },
);

function vertexOf(told: ReturnType<typeof parseJobGraph>): JobVertex | undefined {
  return told !== null && typeof told.graph !== 'string' ? told.graph.get('count') : undefined;
}

await t.test('a finished vertex is reported while the job runs', (t) => {
  const ended = structuredClone(job);
  Object.assign(ended.vertices[2] ?? {}, { status: 'FINISHED' });
  t.match(vertexOf(parseJobGraph(JSON.stringify(ended))), { status: 'FINISHED', parallelism: 2, maxParallelism: 8 });
  t.end();
});

await t.test('a job that is not running has no state of its vertices', (t) => {
  for (const state of ['CREATED', 'RESTARTING', 'FAILING', 'CANCELLING', 'RECONCILING', undefined]) {
    const told = parseJobGraph(JSON.stringify({ ...job, state }));
    t.match(vertexOf(told), { status: null, parallelism: null, maxParallelism: 8 }, String(state));
  }
  t.end();
});

await t.test('a field that Flink leaves out is unknown', (t) => {
  const silent = structuredClone(job);
  const { id, name } = silent.vertices[2] ?? {};
  for (const vertex of [
    { id, name },
    { id, name, status: 3, parallelism: -1, maxParallelism: -1 },
    { id, name, status: null, parallelism: 0, maxParallelism: '8' },
    { id, name, parallelism: 1.5, maxParallelism: 0 },
  ]) {
    silent.vertices[2] = vertex as (typeof silent.vertices)[0];
    const told = parseJobGraph(JSON.stringify({ ...silent, now: undefined }));
    t.match(vertexOf(told), { status: null, parallelism: null, maxParallelism: null }, JSON.stringify(vertex));
    t.equal(told?.toldAtMs, null);
  }
  t.end();
});

await t.test('key groups come from an edge with the ship strategy HASH, if Flink reports them', (t) => {
  const withEdge = (edge: object, vertex: object = {}): JobVertex | undefined => {
    const changed = structuredClone(job) as typeof job & { plan: { nodes: { inputs?: object[] }[] } };
    for (const { inputs = [] } of changed.plan.nodes) for (const input of inputs) Object.assign(input, edge);
    for (const one of changed.vertices) Object.assign(one, vertex);
    return vertexOf(parseJobGraph(JSON.stringify(changed)));
  };
  t.match(withEdge({ ship_strategy: 'HASH' }), { keyGroups: 8 });
  for (const strategy of ['REBALANCE', 'FORWARD', 'hash', 1, null, undefined])
    t.match(withEdge({ ship_strategy: strategy }), { keyGroups: null }, String(strategy));
  t.match(withEdge({ ship_strategy: 'HASH' }, { maxParallelism: -1 }), { keyGroups: null });
  t.end();
});

await t.test('characters are replaced as in Java, also those outside of the BMP', (t) => {
  // "a😀b é".replaceAll("[^a-zA-Z0-9:_]", "_") in Java.
  t.equal(labelOf('a😀b é'), 'a_b__');
  t.end();
});

await t.test('two vertices with the same label value make a graph ambiguous', (t) => {
  const twins = structuredClone(job);
  for (const [index, name] of ['split: a-b', 'split: a+b'].entries())
    Object.assign(twins.vertices[index] ?? {}, { name });
  t.equal(parseJobGraph(JSON.stringify(twins))?.graph, 'ambiguous');
  t.end();
});

await t.test('an answer that is not a Flink job has no graph', (t) => {
  const texts = [
    '',
    '<html>',
    '[]',
    '{}',
    '{"vertices":[]}',
    '{"vertices":[],"plan":[]}',
    '{"vertices":{},"plan":{}}',
    '{"vertices":[],"plan":{"nodes":{}}}',
  ];
  const unnamed = { ...job, vertices: [] };
  const broken = { vertices: [{ id: 'a', name: 'x' }], plan: { nodes: [{ id: 'a', inputs: [{ id: 'b' }] }] } };
  const partial = { vertices: [...job.vertices, { id: 'a', name: 'x' }], plan: job.plan };
  for (const text of [...texts, ...[unnamed, broken, partial].map((one) => JSON.stringify(one))]) {
    t.equal(parseJobGraph(text), null, text.slice(0, 60));
  }
  t.end();
});

await t.test('a job that waits for slots has vertices and no plan yet', (t) => {
  for (const plan of [{}, { nodes: [] }]) t.equal(parseJobGraph(JSON.stringify({ ...job, plan }))?.graph, 'not yet');
  t.end();
});

await t.test('jobs that have ended or not begun are not running jobs', (t) => {
  const overview = recorded('jobs-overview').body as { jobs: object[] };
  const running = {
    id: JOB_ID,
    name: 'word count',
    startedAtMs: 1_795_639_980_781,
    state: 'RUNNING',
    changedAtMs: 1_795_640_056_504,
  };
  const parse = (more: object) =>
    parseRunningJobs(JSON.stringify({ jobs: overview.jobs.map((one) => ({ ...one, ...more })) }));
  t.strictSame(parse({}), [running]);
  for (const state of ['INITIALIZING', 'FINISHED', 'CANCELED', 'FAILED', 'SUSPENDED'])
    t.strictSame(parse({ state }), []);
  for (const state of ['CREATED', 'RESTARTING', 'FAILING']) t.strictSame(parse({ state }), [{ ...running, state }]);
  t.strictSame(parse({ 'last-modification': undefined }), [{ ...running, changedAtMs: null }]);
  for (const text of ['', '<html>', '{}', '{"jobs":{}}']) t.equal(parseRunningJobs(text), null, text);
  t.end();
});
