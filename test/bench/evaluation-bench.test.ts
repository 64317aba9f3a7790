import t from 'tap';
import { benchEvaluation, type EvaluationBench } from './evaluation-bench.js';

t.setTimeout(300_000);

async function bench(topologies: number, operators: number, rounds: number): Promise<EvaluationBench> {
  const [ofPrometheus] = await benchEvaluation({
    ...{ topologies, operators, instances: 2, rounds },
    maxDurationMs: 60_000,
  });
  if (ofPrometheus === undefined) throw new Error('nothing was measured');
  return ofPrometheus;
}

await t.test('a larger fleet is evaluated with the same number of requests', async (t) => {
  const small = await bench(1, 3, 1);
  const large = await bench(25, 3, 1);
  // Sources, and the parts of eight sensors.
  t.equal(small.requests, 15);
  t.equal(large.requests, small.requests);
});
