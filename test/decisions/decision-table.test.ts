// What the table says of runs, and what it says of those in which this project's policy is behind.
import t from 'tap';
import { renderTables, shortfallsOf, type Run } from './decision-table.js';
import type { PolicyName } from './policies.js';

function run(policy: PolicyName, actions: number, suspendedShare: number, seed = 1): Run {
  const figures = { actions, suspendedShare, lastActionMinutes: 5, cost: 1.2, processedShare: 1, backlogMinutes: 0 };
  return { kind: 'flink-kafka', scenario: 'word_count', policy, seed, figures };
}

await t.test('a cell is the mean of the seeds', (t) => {
  const text = renderTables([run('plan', 1, 0.02, 1), run('plan', 2, 0.04, 2)]);
  t.match(text, '| word count 1/1 | 1.5 · 5 · 3.0% · 1.20 · 0m |');
  t.match(text, '### Flink, a source with a backlog (Kafka)');
  t.match(text, 'Nowhere behind.');
  t.end();
});

await t.test('who is suspended longer is no rival, however few its actions', (t) => {
  t.same(shortfallsOf([run('plan', 2, 0.02), run('ds2', 1, 0.03)]), []);
  t.end();
});

await t.test('who is suspended no longer is named, and whether it needs fewer actions', (t) => {
  const [line, ...others] = shortfallsOf([run('plan', 2, 0.02), run('ds2', 1, 0.01), run('hpa', 9, 0.02)]);
  t.match(line, 'word count 1/1: suspended no less (and more actions)');
  t.match(line, 'DS2, u 1.0 1.0% with 1');
  t.match(line, 'HPA 2.0% with 9');
  t.same(others, []);
  const [enough] = shortfallsOf([run('plan', 1.3, 0.02), run('ds2', 1, 0.01)]);
  t.notMatch(enough, 'more actions');
  t.end();
});
