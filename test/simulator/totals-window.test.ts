import t from 'tap';
import { createFluidTopology } from '../../src/simulator/fluid-topology.js';
import { createTotalsWindow } from '../../src/simulator/totals-window.js';
import { WORD_COUNT_SOURCE, wordCountSpec } from '../../src/simulator/word-count.js';

function observed(windowSeconds: number) {
  const topology = createFluidTopology(wordCountSpec({ restartGapSeconds: 5 }), 1);
  const window = createTotalsWindow(windowSeconds);
  return {
    topology,
    window,
    pass: (seconds: number): void => {
      for (let passed = 0; passed < seconds; passed += 1) {
        topology.step(1);
        window.observe(topology.state());
      }
    },
  };
}

await t.test('a window forgets older values', (t) => {
  const { topology, window, pass } = observed(10);
  pass(60);
  topology.setOfferedRate(500);
  pass(5);
  t.equal(Math.round(window.rates(WORD_COUNT_SOURCE, 0, 10).recordsInPerSecond), 750);
  t.equal(Math.round(window.rates(WORD_COUNT_SOURCE, 0, 5).recordsInPerSecond), 500);
  pass(5);
  t.equal(Math.round(window.rates(WORD_COUNT_SOURCE, 0, 10).recordsInPerSecond), 500);
  t.end();
});

await t.test('a meter of a young run divides by its whole window, a mean by the age of the run', (t) => {
  const { window, pass } = observed(60);
  pass(15);
  t.equal(Math.round(window.rates(WORD_COUNT_SOURCE, 0, 60).recordsInPerSecond), 1000);
  t.equal(Math.round(window.meter(WORD_COUNT_SOURCE, 0, 60).recordsInPerSecond), 250);
  t.end();
});

await t.test('no window reaches back over a restart', (t) => {
  const { topology, window, pass } = observed(60);
  pass(100);
  topology.setOfferedRate(0);
  topology.rebalance('count');
  pass(5 + 10);
  t.ok(window.rates('split', 0, 60).recordsInPerSecond < 60, 'little but the backlog of the gap');
  t.equal(Math.round(window.rates(WORD_COUNT_SOURCE, 0, 60).idleMsPerSecond), 1000);
  t.end();
});

await t.test('before anything was seen, and for instances that are not there, everything is 0', (t) => {
  const { window, pass } = observed(60);
  t.equal(window.rates('split', 0, 60).busyMsPerSecond, 0);
  pass(2);
  t.equal(window.rates('split', 99, 60).busyMsPerSecond, 0);
  t.end();
});
