import t from 'tap';
import { fleetBrakeOf } from '../../src/policy/fleet-brake.js';
import { evaluateTopology } from '../../src/policy/evaluate-topology.js';
import { flinkTopology, settingsWith } from '../support/measurements.js';
import { experienceWith, neededOf } from '../support/plans.js';

const BRAKES = { maxOpenActions: 10, maxActionsPerHour: 60, maxScaleDownShare: 0.3 };
const topologyOf = (isIdle: boolean) =>
  evaluateTopology(
    flinkTopology({
      source: { source: true, backpressure: [0], busy: [0.1] },
      split: { inputs: ['source'], parallelism: 4, pending: isIdle ? [0] : [9] },
    }),
    settingsWith({}),
    () => 'scale_down',
    experienceWith({ neededPeaks: neededOf({ source: 0, split: 0 }) }),
  );
const fleetOf = (idle: number, of: number) => ({
  openActions: 0,
  actionsInLastHour: 0,
  evaluations: Array.from({ length: of }, (_, index) => topologyOf(index < idle)),
});

await t.test('no more than max_open_actions and max_actions_per_hour over the fleet', (t) => {
  t.equal(fleetBrakeOf('scale_up', { ...fleetOf(0, 1), openActions: 9, actionsInLastHour: 59 }, BRAKES), null);
  t.equal(
    fleetBrakeOf('scale_up', { ...fleetOf(0, 1), openActions: 10 }, BRAKES),
    '10 actions are open, with limits.max_open_actions 10',
  );
  t.equal(
    fleetBrakeOf('restart_instances', { ...fleetOf(0, 1), actionsInLastHour: 60 }, BRAKES),
    '60 actions within an hour, with limits.max_actions_per_hour 60',
  );
  t.end();
});

await t.test('if too large a share of the fleet asks to scale down at once, none does', (t) => {
  t.equal(fleetBrakeOf('scale_down', fleetOf(3, 10), BRAKES), null);
  t.equal(
    fleetBrakeOf('scale_down', fleetOf(4, 10), BRAKES),
    '4 of 10 topologies have overprovisioned operators, with limits.max_scale_down_share 0.3',
  );
  t.equal(fleetBrakeOf('scale_up', fleetOf(4, 10), BRAKES), null, 'scaling up is not braked by it');
  t.equal(fleetBrakeOf('scale_down', fleetOf(4, 4), BRAKES), null, 'four topologies do not count as a fleet');
  t.end();
});
