import t from 'tap';
import { benchEvaluation } from './evaluation-bench.js';

await t.test('a larger fleet is evaluated with the same number of requests', async (t) => {
  const size = { operators: 3, instances: 2, rounds: 1, maxDurationMs: 0 };
  const small = await benchEvaluation({ ...size, topologies: 1 });
  const large = await benchEvaluation({ ...size, topologies: 25 });
  // Identities, sources, and the parts of eight sensors.
  t.equal(small.requests, 19);
  t.equal(large.requests, small.requests);
});
