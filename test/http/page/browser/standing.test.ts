import t from 'tap';
import { renderTopology } from '../../../../src/http/json-views.js';
import type { Operator, Topology } from '../../../../src/http/page/browser/api-types.js';
import {
  concernsOf,
  earlierDecisions,
  selectTopologies,
  standingOfOperator,
  standingOfTopology,
} from '../../../../src/http/page/browser/standing.js';
import { NO_SYMPTOMS } from '../../../support/evaluations.js';
import { sampleFleet } from '../../../support/page-samples.js';

const fleet: readonly Topology[] = sampleFleet(Date.now()).topologies.map(renderTopology);
const topologyOf = (name: string): Topology => {
  const found = fleet.find(({ topology }) => topology === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
const [wellOperator] = topologyOf('checkout').operators;
if (wellOperator === undefined) throw new Error('it has operators');

await t.test('the standing of an operator is its most urgent state', (t) => {
  const table: [Partial<Operator>, string][] = [
    [{}, 'well'],
    [{ diagnoses: ['overprovisioning'] }, 'spare'],
    [{ parallelism: null }, 'unknown'],
    [{ missing_sensors: ['busy'], diagnoses: ['overprovisioning'] }, 'unknown'],
    [{ incomplete_because: 'a gap' }, 'unknown'],
    [{ symptoms: { ...NO_SYMPTOMS, processing_rate_skew: 'unknown' } }, 'unknown'],
    [{ symptoms: { ...NO_SYMPTOMS, growing_source_backlog: 'yes' } }, 'behind'],
    [{ symptoms: { ...NO_SYMPTOMS, backpressure: 'yes' }, missing_sensors: ['busy'] }, 'culprit'],
    [{ diagnoses: ['data_skew'] }, 'culprit'],
    [{ symptoms: { ...NO_SYMPTOMS, backpressure: 'yes', stalled: 'yes' } }, 'stalled'],
    [{ held_up_by: ['enrich'] }, 'held_up'],
    [{ held_up_by: ['enrich'], symptoms: { ...NO_SYMPTOMS, backpressure: 'yes' } }, 'culprit'],
    [{ held_up_by: ['enrich'], missing_sensors: ['busy'] }, 'unknown'],
    [{ left_alone_because: 'memory', parallelism: 4, effective_busy: 0.08 }, 'unjudged'],
    [{ left_alone_because: 'memory', parallelism: 4, effective_busy: null }, 'unjudged'],
    // One fewer would be too few, whatever is still to be seen.
    [{ left_alone_because: 'memory', parallelism: 4, effective_busy: 0.8 }, 'well'],
    [{ left_alone_because: 'memory', parallelism: 1, effective_busy: 0.08 }, 'well'],
    [{ left_alone_because: 'memory', parallelism: 4, min_parallelism: 4, effective_busy: 0.08 }, 'well'],
    [{ left_alone_because: 'memory', parallelism: 4, diagnoses: ['overprovisioning'] }, 'spare'],
  ];
  for (const [more, standing] of table)
    t.equal(standingOfOperator({ ...wellOperator, ...more }), standing, JSON.stringify(more));
  t.end();
});

await t.test('the standing of a topology is the most urgent one of its operators', (t) => {
  const standings = Object.fromEntries(fleet.map((topology) => [topology.topology, standingOfTopology(topology)]));
  t.strictSame(standings, {
    billing: 'spare',
    checkout: 'acting',
    clickstream: 'unknown',
    fraud: 'well',
    inventory: 'unseen',
    wordcount: 'trouble',
  });
  const fraud = topologyOf('fraud');
  t.equal(standingOfTopology({ ...fraud, operators: [] }), 'unknown', 'where nothing is seen nothing is well');
  t.equal(standingOfTopology({ ...fraud, backpressure: 'unknown' }), 'unknown');
  t.equal(standingOfTopology({ ...fraud, backpressure: 'yes' }), 'trouble');
  const pressed = { ...wellOperator, symptoms: { ...NO_SYMPTOMS, backpressure: 'yes' } } as const;
  const draining: Topology = { ...fraud, backpressure: 'yes', draining: 'yes', operators: [pressed] };
  t.equal(standingOfTopology(draining), 'catching_up', 'with what there is');
  t.equal(
    standingOfTopology({ ...draining, operators: [{ ...pressed, diagnoses: ['slow_instances'] }] }),
    'trouble',
    'unless something is diagnosed',
  );
  t.equal(standingOfTopology({ ...draining, draining: 'no' }), 'trouble');
  const stalled = { ...wellOperator, symptoms: { ...NO_SYMPTOMS, stalled: 'yes' } } as const;
  t.equal(standingOfTopology({ ...fraud, operators: [stalled] }), 'trouble', 'which need not be backpressure');
  t.end();
});

await t.test('the urgent ones come first, unless their order is to be kept', (t) => {
  const namesOf = (selection: Partial<Parameters<typeof selectTopologies>[1]>): string[] =>
    selectTopologies(fleet, { text: '', isProblemsOnly: false, keptOrder: null, ...selection }).map(
      ({ topology }) => topology,
    );
  t.strictSame(namesOf({}), ['wordcount', 'clickstream', 'checkout', 'inventory', 'billing', 'fraud']);
  t.strictSame(namesOf({ isProblemsOnly: true }), ['wordcount', 'clickstream', 'checkout']);
  t.strictSame(namesOf({ keptOrder: ['fraud', 'gone', 'billing'] }).slice(0, 2), ['fraud', 'billing']);
  t.equal(namesOf({ keptOrder: ['fraud'] }).length, fleet.length, 'a new one comes last');
  t.strictSame(namesOf({ text: ' ENRICH ' }), ['billing']);
  t.strictSame(namesOf({ text: 'none such' }), []);
  t.end();
});

await t.test('a diagnosis that holds goes with the last decision on it, and what holds no more is earlier', (t) => {
  const wordcount = topologyOf('wordcount');
  t.match(concernsOf(wordcount), [
    { operator: { operator: 'split' }, diagnosis: 'underprovisioning', decision: { reason: 'paused' } },
  ]);
  t.match(earlierDecisions(wordcount), [{ operator: 'count', reason: 'blacklisted' }]);
  t.equal(earlierDecisions(wordcount).length, 1);
  t.match(concernsOf({ ...wordcount, last_decisions: [] }), [{ decision: null }]);
  t.end();
});
