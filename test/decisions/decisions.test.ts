// Limits for regressions: actions and suspended time of this project's policy, in its own control loop. `npm run decisions` has the
// whole comparison; README.md next to this file has its table.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import type { Kind } from '../scenarios/scenario.js';
import { DECISION_SCENARIOS, KINDS, type DecisionScenario, type DecisionScenarioName } from './decision-scenarios.js';
import { KIND_TITLES } from './decision-table.js';
import { play, POLICIES } from './policies.js';

// Hours of simulated time, however busy the machine is.
t.setTimeout(600_000);

interface Bounds {
  readonly hours: number;
  readonly actions: number;
  /** Restart gaps and catching up included. */
  readonly suspendedMinutes: number;
  /** Instance-hours over the optimum. */
  readonly cost: number;
}

const TABLE: readonly (readonly [DecisionScenarioName, Kind, Bounds])[] = [
  ['word_count', KINDS['flink-kafka'], { hours: 1, actions: 1, suspendedMinutes: 13, cost: 1.2 }],
  ['word_count', KINDS['flink-push'], { hours: 1, actions: 2, suspendedMinutes: 8, cost: 1.25 }],
  ['word_count', KINDS['heron-busy'], { hours: 1, actions: 1, suspendedMinutes: 13, cost: 1.2 }],
  ['chain', KINDS['flink-kafka'], { hours: 1, actions: 1, suspendedMinutes: 11, cost: 1.25 }],
  ['diamond', KINDS['flink-kafka'], { hours: 1, actions: 1, suspendedMinutes: 9, cost: 1.25 }],
  ['steps', KINDS['flink-kafka'], { hours: 3.5, actions: 2, suspendedMinutes: 5, cost: 1.8 }],
  ['hot_key', KINDS['heron-busy'], { hours: 1, actions: 2, suspendedMinutes: 30, cost: 2.8 }],
  ['noisy', KINDS['flink-kafka'], { hours: 2, actions: 1, suspendedMinutes: 2, cost: 1.85 }],
  ['slots', KINDS['flink-kafka'], { hours: 2, actions: 1, suspendedMinutes: 90, cost: 1 }],
];

for (const [name, kind, { hours, actions, suspendedMinutes, cost }] of TABLE) {
  const scenario: DecisionScenario = { ...DECISION_SCENARIOS[name], hours };
  await t.test(`${scenario.title}, ${kind.engine} and ${kind.source}`, async (t) => {
    const found = await play('plan', scenario, kind, 1);
    const minutes = 60 * hours * found.suspendedShare;
    t.ok(found.actions >= 1 && found.actions <= actions, `${found.actions} actions, at most ${actions}`);
    t.ok(minutes <= suspendedMinutes, `${minutes.toFixed(1)} min suspended, at most ${suspendedMinutes}`);
    t.ok(found.cost <= cost, `${found.cost.toFixed(2)} × the optimum, at most ${cost}`);
  });
}

await t.test('behind a source that is pushed to and as busy as it can be, nothing is given back', async (t) => {
  const scenario: DecisionScenario = { ...DECISION_SCENARIOS.source_behind, hours: 2 };
  const found = await play('plan', scenario, KINDS['flink-push'], 1);
  t.equal(found.actions, 0);
});

await t.test(
  'the README has a row for every scenario, a column for every policy, a table for every engine',
  async (t) => {
    const readme = await readFile(new URL('README.md', import.meta.url), 'utf8');
    const table = readme.split('<!-- BEGIN DECISIONS -->')[1]?.split('<!-- END DECISIONS -->')[0] ?? '';
    for (const title of Object.values(KIND_TITLES)) t.match(table, `### ${title}`);
    const headers = table.split('\n').filter((line) => line.startsWith('| scenario'));
    t.equal(headers.length, Object.keys(KINDS).length);
    for (const header of headers) t.match(header, POLICIES.plan);
    for (const policy of Object.values(POLICIES)) t.match(headers[0], policy);
    for (const { title } of Object.values(DECISION_SCENARIOS)) {
      const rows = table.split('\n').filter((line) => line.startsWith(`| ${title} `));
      t.equal(rows.length, headers.length, title);
    }
  },
);
