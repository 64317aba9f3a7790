// What the policy's sensors see where the engine itself reports means of a minute, as Flink does.
import t from 'tap';
import { createFluidTopology } from '../../src/simulator/fluid-topology.js';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { createSimulatedSensors } from '../support/simulated-sensors.js';

function sensorsOf(meterSeconds: number) {
  const topology = createFluidTopology(wordCountSpec({ sourceKind: 'push' }), 1);
  const sensors = createSimulatedSensors(topology, 'flink', { windowSeconds: 15, stepSeconds: 15, meterSeconds });
  const split = (): { readonly rate: number; readonly busy: number } => {
    const of = sensors.measure().operators.find(({ spec: { name } }) => name === 'split');
    const { processingRate, busy } = of ?? {};
    return {
      rate: processingRate?.kind === 'measured' ? Math.round(processingRate.total) : NaN,
      busy: busy?.kind === 'measured' ? Math.round(100 * busy.mean) / 100 : NaN,
    };
  };
  return { topology, sensors, split };
}

await t.test(
  'a quarter of a minute after a restart a meter shows a quarter of the rate, and all of the busy ratio',
  (t) => {
    const { topology, sensors, split } = sensorsOf(60);
    sensors.pass(300);
    t.same(split(), { rate: 1000, busy: 1 });
    topology.rescale('split', 20);
    sensors.pass(30 + 15);
    t.same(split(), { rate: 250, busy: 0.5 });
    sensors.pass(45);
    t.same(split(), { rate: 1000, busy: 0.5 });
    t.end();
  },
);

await t.test('without meters it is what there is', (t) => {
  const { topology, sensors, split } = sensorsOf(0);
  sensors.pass(300);
  topology.rescale('split', 20);
  sensors.pass(30 + 15);
  t.same(split(), { rate: 1000, busy: 0.5 });
  t.end();
});
