import t from 'tap';
import { labelOf, parseJobGraph, parseRunningJobs } from '../../src/flink-rest/job-graph.js';
import { JOB_ID, recorded } from '../support/flink-rest-server.js';

const job = recorded('job').body as { vertices: { name: string }[]; plan: object };

await t.test("a job's graph has the names of its series and the edges of its plan", (t) => {
  t.strictSame(
    parseJobGraph(JSON.stringify(job)),
    new Map([
      ['Source:_numbers__all_', []],
      ['split:_a_b', ['Source:_numbers__all_']],
      ['count', ['split:_a_b']],
      ['out:_Writer', ['count']],
    ]),
  );
  t.end();
});

await t.test('a character is one as Java counts it, also one that takes two units here', (t) => {
  // "a😀b é".replaceAll("[^a-zA-Z0-9:_]", "_") in Java.
  t.equal(labelOf('a😀b é'), 'a_b__');
  t.end();
});

await t.test('two vertices of one name, as labels have it, make a graph ambiguous', (t) => {
  const twins = structuredClone(job);
  for (const [index, name] of ['split: a-b', 'split: a+b'].entries())
    Object.assign(twins.vertices[index] ?? {}, { name });
  t.equal(parseJobGraph(JSON.stringify(twins)), 'ambiguous');
  t.end();
});

await t.test('what is no job of Flink has no graph', (t) => {
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
  for (const plan of [{}, { nodes: [] }]) t.equal(parseJobGraph(JSON.stringify({ ...job, plan })), 'not yet');
  t.end();
});

await t.test('jobs that have ended or not begun are not among those that run', (t) => {
  const overview = recorded('jobs-overview').body as { jobs: object[] };
  const running = { id: JOB_ID, name: 'word count', startedAtMs: 1_795_639_980_781 };
  t.strictSame(parseRunningJobs(JSON.stringify(overview)), [running]);
  const inState = (state: string): string => JSON.stringify({ jobs: overview.jobs.map((one) => ({ ...one, state })) });
  for (const state of ['INITIALIZING', 'FINISHED', 'CANCELED', 'FAILED', 'SUSPENDED'])
    t.strictSame(parseRunningJobs(inState(state)), []);
  for (const state of ['CREATED', 'RESTARTING', 'FAILING']) t.strictSame(parseRunningJobs(inState(state)), [running]);
  for (const text of ['', '<html>', '{}', '{"jobs":{}}']) t.equal(parseRunningJobs(text), null, text);
  t.end();
});
