// The simulator together with the diagnoses: Dhalion finds the disturbances of the topology.
import t from 'tap';
import { evaluateTopology } from '../../src/policy/evaluate-topology.js';
import { RESOLVER_OF } from '../../src/model/resolver.js';
import { createFluidTopology } from '../../src/simulator/fluid-topology.js';
import { HERON_PHYSICS, type TopologySpec } from '../../src/simulator/topology-spec.js';
import { wordCountSpec, type WordCountOptions } from '../../src/simulator/word-count.js';
import { DEFAULT_SETTINGS } from '../support/measurements.js';
import { experienceWith, neededOf } from '../support/plans.js';
import { createSimulatedSensors } from '../support/simulated-sensors.js';

type Flavour = 'flink' | 'heron';

/** `operator: diagnosis recommended` of all that is diagnosed after ten minutes. */
function findings(options: WordCountOptions, flavour: Flavour): string[] {
  const spec: TopologySpec = wordCountSpec({ ...(flavour === 'heron' ? { physics: HERON_PHYSICS } : {}), ...options });
  const sensors = createSimulatedSensors(createFluidTopology(spec, 1), flavour);
  sensors.pass(600);
  const { operators } = evaluateTopology(
    sensors.measure(),
    DEFAULT_SETTINGS,
    (_, diagnosis) => RESOLVER_OF[diagnosis],
    experienceWith({ neededPeaks: neededOf({ split: 0, count: 0 }) }),
  );
  return operators.flatMap(({ measurement, diagnoses, recommendedParallelism }) =>
    diagnoses.map(({ diagnosis }) => `${measurement.spec.name}: ${diagnosis} ${recommendedParallelism ?? '?'}`),
  );
}

const FLAVOURS: Flavour[] = ['flink', 'heron'];

for (const flavour of FLAVOURS) {
  await t.test(`${flavour}: an underprovisioned split is found, and its need with a push source`, (t) => {
    const found = findings({ sourceKind: 'push', split: { parallelism: 4 } }, flavour);
    // The counts have no time for so much more: they follow, where it is known how busy they are.
    t.same(found.slice(1), flavour === 'flink' ? ['count: underprovisioning 24'] : []);
    t.match(found[0], flavour === 'flink' ? 'split: underprovisioning 12' : /^split: underprovisioning (11|12|13)$/);
    t.end();
  });

  await t.test(`${flavour}: a healthy topology with some room has no diagnosis`, (t) => {
    t.same(findings({ sourceKind: 'push', offered: 850 }, flavour), []);
    t.end();
  });

  await t.test(`${flavour}: a topology with too much room is overprovisioned, but for its source`, (t) => {
    t.same(findings({ sourceKind: 'push', offered: 300 }, flavour), [
      flavour === 'flink' ? 'split: overprovisioning 4' : 'split: overprovisioning 8',
      flavour === 'flink' ? 'count: overprovisioning 8' : 'count: overprovisioning 16',
    ]);
    t.end();
  });

  await t.test(`${flavour}: a slow instance is found as such`, (t) => {
    t.same(findings({ sourceKind: 'push', offered: 600, split: { slow: { index: 2, factor: 4 } } }, flavour), [
      'split: slow_instances 10',
    ]);
    t.end();
  });

  await t.test(`${flavour}: a hot key is found as skew`, (t) => {
    t.same(findings({ sourceKind: 'push', offered: 600, count: { hotKey: { share: 0.15, instance: 2 } } }, flavour), [
      'count: data_skew 20',
    ]);
    t.end();
  });
}

await t.test('everything is unknown in a restart gap', (t) => {
  const topology = createFluidTopology(wordCountSpec(), 1);
  const sensors = createSimulatedSensors(topology, 'flink');
  sensors.pass(300);
  topology.rebalance('count');
  sensors.pass(15);
  const { operators } = sensors.measure();
  t.ok(operators.every(({ parallelism, busy }) => parallelism === null && busy.kind === 'missing'));
  t.end();
});
