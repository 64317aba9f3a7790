// What the table says of runs, and what it says of those in which this project's policy is behind.
import t from 'tap';
import { comparePeers, renderTables, type Run } from './decision-table.js';
import type { PolicyName } from './policies.js';

function run(policy: PolicyName, actions: number, suspendedShare: number, seed = 1): Run {
  const figures = { actions, suspendedShare, lastActionMinutes: 5, cost: 1.2, processedShare: 1, backlogMinutes: 0 };
  return { kind: 'flink-kafka', scenario: 'word_count', policy, seed, figures };
}

await t.test('a cell is the mean of the seeds', (t) => {
  const text = renderTables([run('plan', 1, 0.02, 1), run('plan', 2, 0.04, 2)]);
  t.match(text, '| word count 1/1 | 1.5 · 5 · 3.0% · 1.20 · 0m |');
  t.match(text, '### Flink, a source with a backlog (Kafka)');
  t.end();
});

await t.test(
  'a policy with more suspended time is not a rival, however few its actions; nor is the predecessor',
  (t) => {
    const compared = comparePeers([run('plan', 2, 0.02), run('ds2', 1, 0.03), run('predecessor', 1, 0.01)]);
    t.match(compared, { rivals: [], hasMoreActions: false });
    t.match(
      renderTables([run('plan', 2, 0.02), run('ds2', 1, 0.03)]),
      'Suspended for less time than every peer: 1 of 1 scenarios.',
    );
    t.end();
  },
);

await t.test('who is suspended no longer is named, and whether one of them needs fewer actions', (t) => {
  const runs = [run('plan', 2, 0.02), run('ds2', 1, 0.01), run('hpa', 9, 0.0204), run('naive', 1, 0.03)];
  t.match(comparePeers(runs), { rivals: [{ policy: 'ds2' }, { policy: 'hpa' }], hasMoreActions: true });
  const text = renderTables(runs);
  t.match(text, 'less time than every peer: 0 of 1 scenarios');
  t.match(
    text,
    '- word count 1/1, **more actions**: 2.0%, 2 at 1.20. Suspended no longer: DS2, u 1.0 1.0%, 1 at 1.20; HPA',
  );
  t.equal(comparePeers([run('plan', 1.3, 0.02), run('ds2', 1, 0.01)])?.hasMoreActions, false);
  t.equal(comparePeers([run('plan', 1, 0.02), run('autoscaler', 0, 0)])?.hasMoreActions, true);
  t.end();
});
