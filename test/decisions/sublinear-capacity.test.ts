// An operator whose instances get in each other's way, in the simulator.
import t from 'tap';
import { createFluidTopology } from '../../src/simulator/fluid-topology.js';
import { wordCountSpec } from '../../src/simulator/word-count.js';
import { neededSublinearly, withSublinearCapacity } from './sublinear-capacity.js';

await t.test('ten instances do 10 ^ 0.8 times what one does, after a rescale too', (t) => {
  const spec = wordCountSpec({ sourceKind: 'push', split: { parallelism: 1 }, count: { parallelism: 200 } });
  const { operators, observe } = withSublinearCapacity(spec, 0.8);
  const topology = createFluidTopology({ ...spec, operators }, 1);
  const processedPerSecond = (): number => {
    const processed = (): number => topology.state().operators[1]?.ledger.processed ?? NaN;
    topology.step(120);
    const before = processed();
    topology.step(100);
    return Math.round((processed() - before) / 100);
  };
  observe(topology);
  t.equal(processedPerSecond(), 100);
  topology.rescale('split', 10);
  topology.step(15);
  observe(topology);
  t.equal(processedPerSecond(), Math.round(100 * 10 ** 0.8));
  t.end();
});

await t.test('the need is the inverse of that', (t) => {
  t.equal(neededSublinearly(1000, 100, 0.8), 18);
  t.equal(neededSublinearly(10_000, 500, 0.8), 43);
  t.equal(neededSublinearly(1000, 100, 1), 10);
  t.end();
});
