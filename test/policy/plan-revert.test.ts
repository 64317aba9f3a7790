import t from 'tap';
import type { Mode } from '../../src/model/policy-settings.js';
import { evaluateTopology } from '../../src/policy/evaluate-topology.js';
import { planRevert } from '../../src/policy/plan-revert.js';
import { actionWith } from '../support/actions.js';
import { flinkTopology, settingsWith, type OperatorSketch } from '../support/measurements.js';

const harmful = actionWith({
  resolver: 'scale_down',
  outcome: 'harmful',
  currentParallelism: 4,
  desiredParallelism: 3,
});

function plan(split: OperatorSketch, changes: { mode?: Mode; isPaused?: boolean } = {}): string {
  const evaluation = evaluateTopology(flinkTopology({ split }), settingsWith({}), () => 'scale_down');
  return planRevert(harmful, { evaluation, mode: changes.mode ?? 'enforce', isPaused: changes.isPaused ?? false });
}

await t.test('a harmful scale_down is reverted while the parallelism is still its own', (t) => {
  const tables: [string, string, string][] = [
    ['it is', plan({ parallelism: 3 }), 'revert'],
    ['another hand has moved it', plan({ parallelism: 5 }), 'superseded'],
    ['somebody has already put it back', plan({ parallelism: 4 }), 'superseded'],
    ['it is not known', plan({ parallelism: null }), 'wait'],
    ['instances are missing', plan({ parallelism: 2, incompleteBecause: 'one is missing' }), 'wait'],
    ['a person has paused it', plan({ parallelism: 3 }, { isPaused: true }), 'wait'],
    ['the mode is dry_run', plan({ parallelism: 3 }, { mode: 'dry_run' }), 'wait'],
    ['the mode is observe', plan({ parallelism: 3 }, { mode: 'observe' }), 'wait'],
  ];
  for (const [title, found, expected] of tables) t.equal(found, expected, title);
  t.equal(
    planRevert(harmful, { evaluation: null, mode: 'enforce', isPaused: false }),
    'wait',
    'Prometheus does not answer',
  );
  t.end();
});
