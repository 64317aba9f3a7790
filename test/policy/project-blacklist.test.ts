import t from 'tap';
import type { Action } from '../../src/model/action.js';
import type { Outcome } from '../../src/model/outcome.js';
import type { PolicySettings } from '../../src/model/policy-settings.js';
import {
  isInForce,
  projectBlacklist,
  type BlacklistCandidate,
  type LoadNow,
} from '../../src/policy/project-blacklist.js';
import { actionWith, operatorWith, type ActionChanges } from '../support/actions.js';
import { settingsWith } from '../support/measurements.js';

const HOUR_MS = 3_600_000;
const NOW_MS = 100 * HOUR_MS;

/** An action judged `hoursAgo` hours ago. */
function judged(outcome: Outcome, hoursAgo: number, more: ActionChanges = {}): Action {
  const judgedAtMs = NOW_MS - hoursAgo * HOUR_MS;
  const id = `${outcome}-${hoursAgo}`;
  return actionWith({ id, state: 'judged', outcome, judgedAtMs, claimedAtMs: judgedAtMs - 1000, ...more });
}

const scaleDown = {
  resolver: 'scale_down',
  diagnosis: 'overprovisioning',
  currentParallelism: 4,
  desiredParallelism: 3,
} as const;
const restart = { resolver: 'restart_instances', diagnosis: 'slow_instances' } as const;

function entries(
  actions: readonly Action[],
  changes: Partial<PolicySettings> = {},
  removedHoursAgo?: number,
): string[] {
  const removals =
    removedHoursAgo === undefined
      ? []
      : actions.map(({ topology, operators: [{ operator, diagnosis }] }) => ({
          topology,
          operator,
          diagnosis,
          resolver: 'scale_down' as const,
          atMs: NOW_MS - removedHoursAgo * HOUR_MS,
        }));
  return projectBlacklist(actions, removals, () => settingsWith(changes), NOW_MS).map(
    ({ operator, resolver, cause, id }) => `${operator} ${resolver} ${cause} by ${id}`,
  );
}

await t.test('one scale_down that did harm is enough', (t) => {
  t.strictSame(entries([judged('harmful', 1, scaleDown)]), ['split scale_down harmful by harmful-1']);
  t.strictSame(entries([judged('resolved', 0.5, scaleDown), judged('harmful', 1, scaleDown)]), [
    'split scale_down harmful by harmful-1',
  ]);
  t.strictSame(entries([judged('resolved', 1, scaleDown)]), []);
  t.strictSame(entries([judged('superseded', 1, scaleDown)]), []);
  t.end();
});

await t.test('any other resolver is blacklisted if most of at least three outcomes were ineffective', (t) => {
  const outcomes = (...names: Outcome[]): Action[] => names.map((name, index) => judged(name, index + 1, restart));
  const tables: [string, Outcome[], boolean][] = [
    ['two are too few', ['ineffective', 'ineffective'], false],
    ['three of three', ['ineffective', 'ineffective', 'ineffective'], true],
    ['two of three', ['ineffective', 'resolved', 'ineffective'], true],
    ['half is not most', ['ineffective', 'resolved', 'ineffective', 'improved'], false],
    ['improved counts as help', ['improved', 'improved', 'ineffective'], false],
  ];
  for (const [title, names, isListed] of tables) t.equal(entries(outcomes(...names)).length, isListed ? 1 : 0, title);
  t.strictSame(
    entries([
      judged('ineffective', 1, restart),
      judged('ineffective', 2, { ...restart, operator: 'count' }),
      judged('ineffective', 3, restart),
    ]),
    [],
    'operators are counted separately',
  );
  t.end();
});

await t.test('an entry older than blacklist_ttl is forgotten; with 0, never', (t) => {
  t.strictSame(entries([judged('harmful', 24, scaleDown)]), []);
  t.equal(entries([judged('harmful', 23.9, scaleDown)]).length, 1);
  t.equal(entries([judged('harmful', 99, scaleDown)], { blacklistTtlMs: 0 }).length, 1);
  const [entry] = projectBlacklist([judged('harmful', 1, scaleDown)], [], () => settingsWith({}), NOW_MS);
  t.equal(entry?.expiresAtMs, NOW_MS + 23 * HOUR_MS);
  t.end();
});

await t.test('a removal forgets earlier outcomes of the pair, not later ones', (t) => {
  t.strictSame(entries([judged('harmful', 2, scaleDown)], {}, 1), []);
  t.strictSame(entries([judged('harmful', 1, scaleDown), judged('harmful', 3, scaleDown)], {}, 2), [
    'split scale_down harmful by harmful-1',
  ]);
  t.end();
});

await t.test('the entries of a topology that is not configured any more are left out', (t) => {
  t.strictSame(
    projectBlacklist([judged('harmful', 1, scaleDown)], [], () => null, NOW_MS),
    [],
  );
  t.end();
});

await t.test('an entry holds only requests that the failure applies to', (t) => {
  const candidate = (action: Action): BlacklistCandidate => {
    const [entry] = projectBlacklist(
      [action, { ...action, id: 'b' }, { ...action, id: 'c' }],
      [],
      () => settingsWith({}),
      NOW_MS,
    );
    if (entry === undefined) throw new Error('no entry');
    return entry;
  };
  const reason = { ...actionWith().reason, processingRate: 900, offeredRate: 1000 };
  const down = candidate(judged('harmful', 1, { ...scaleDown, reason }));
  const up = candidate(judged('ineffective', 1, { ...restart, reason }));
  const load = (changes: Partial<LoadNow>): LoadNow => ({
    processingRate: 900,
    desiredParallelism: 3,
    offeredRate: 1000,
    ...changes,
  });
  const tables: [string, boolean, boolean][] = [
    ['the same load on as many instances', isInForce(down, load({}), 0.2), true],
    ['a little less load', isInForce(down, load({ processingRate: 750 }), 0.2), true],
    [
      'much less load: 233 records/s an instance are under 0.8 × 300',
      isInForce(down, load({ processingRate: 700 }), 0.2),
      false,
    ],
    ['the same load on more instances', isInForce(down, load({ desiredParallelism: 4 }), 0.2), false],
    ['an unknown load', isInForce(down, load({ processingRate: null }), 0.2), true],
    ['a restart under the same load', isInForce(up, load({}), 0.2), true],
    ['a restart under a fifth more load', isInForce(up, load({ offeredRate: 1200 }), 0.2), true],
    ['a restart under more than that', isInForce(up, load({ offeredRate: 1201 }), 0.2), false],
    ['a restart under an unknown load', isInForce(up, load({ offeredRate: null }), 0.2), true],
  ];
  for (const [title, found, expected] of tables) t.equal(found, expected, title);
  t.end();
});

await t.test('each operator of a plan has its own entry, and those not to blame have none', (t) => {
  const operators = [
    operatorWith({ operator: 'split', desiredParallelism: 3, diagnosis: 'overprovisioning' }),
    operatorWith({ operator: 'count', desiredParallelism: 5, diagnosis: 'overprovisioning' }),
  ] as const;
  const harmful = (more: ActionChanges) => judged('harmful', 1, { resolver: 'scale_down', operators, ...more });
  t.strictSame(entries([harmful({})]), [
    'split scale_down harmful by harmful-1',
    'count scale_down harmful by harmful-1',
  ]);
  t.strictSame(entries([harmful({ blamed: ['count'] })]), ['count scale_down harmful by harmful-1']);
  t.strictSame(entries([harmful({ blamed: [] })]), []);
  const rates = projectBlacklist([harmful({})], [], () => settingsWith({}), NOW_MS);
  t.strictSame(
    rates.map(({ harmfulRatePerInstance }) => harmfulRatePerInstance),
    [100 / 3, 20],
    'each by its own rate and parallelism',
  );
  const useless = (hoursAgo: number, blamed: string[]) =>
    judged('ineffective', hoursAgo, { operators: [operatorWith(), operatorWith({ operator: 'count' })], blamed });
  t.strictSame(
    entries([useless(1, ['split']), useless(2, ['split', 'count']), useless(3, ['split'])]),
    ['split scale_up ineffective by ineffective-1'],
    'a follower has not been shown to need nothing',
  );
  t.end();
});
